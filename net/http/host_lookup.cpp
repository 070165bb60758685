// SPDX-License-Identifier: MIT
#include "net/http/host_lookup.hpp"

#include "runtime/signal_mask.hpp"
#include "system/posix/descriptor.hpp"

#include <cstring>
#include <mutex>
#include <netdb.h>
#include <sys/eventfd.h>
#include <system_error>
#include <thread>
#include <utility>

namespace gestvenv::http {

namespace {

lookup_result look_up(const std::string& host, std::uint16_t port, int flags) {
    addrinfo wish{};
    wish.ai_socktype = SOCK_STREAM;
    wish.ai_flags = AI_NUMERICSERV | flags;
    addrinfo* found = nullptr;
    lookup_result result;
    if (auto failed = ::getaddrinfo(host.c_str(), std::to_string(port).c_str(), &wish, &found); failed != 0) {
        result.reason = ::gai_strerror(failed);
        return result;
    }
    for (auto* one = found; one; one = one->ai_next) {
        socket_address address;
        std::memcpy(&address.storage, one->ai_addr, one->ai_addrlen);
        address.size = one->ai_addrlen;
        result.addresses.push_back(address);
    }
    ::freeaddrinfo(found);
    return result;
}

} // namespace

struct host_lookup::shared {
    descriptor done{::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)};
    std::mutex guard;
    lookup_result result;

    void finish(lookup_result found) {
        std::lock_guard hold{guard};
        result = std::move(found);
        static_cast<void>(::eventfd_write(done.get(), 1));
    }
};

host_lookup::host_lookup(const std::string& host, std::uint16_t port) : shared_(std::make_shared<shared>()) {
    // A numeric address asks no server.
    auto numeric = look_up(host, port, AI_NUMERICHOST);
    if (!numeric.addresses.empty()) {
        shared_->finish(std::move(numeric));
        return;
    }
    try {
        all_signals_blocked blocked;
        // It ends by itself: resolv.conf(5) bounds it, and it holds only what is shared.
        std::thread{[into = shared_, host, port] { into->finish(look_up(host, port, 0)); }}.detach();
    } catch (const std::system_error& refused) {
        shared_->finish({{}, refused.what()});
    }
}

int host_lookup::ready() const noexcept {
    return shared_->done.get();
}

lookup_result host_lookup::take() {
    std::lock_guard hold{shared_->guard};
    return std::move(shared_->result);
}

} // namespace gestvenv::http
