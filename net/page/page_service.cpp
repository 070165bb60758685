// SPDX-License-Identifier: MIT
#include "net/page/page_service.hpp"

#include "net/http/listener.hpp"
#include "net/node/node_place.hpp"
#include "system/posix/descriptor.hpp"
#include "system/posix/system_failure.hpp"
#include "system/random_identifier.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <charconv>
#include <fcntl.h>
#include <unistd.h>
#include <utility>
#include <vector>

namespace gestvenv::page {

namespace {

/// Of ports that are free on one of the two addresses alone.
constexpr int most_tries = 20;

std::uint16_t port_of(const std::string& address) {
    std::uint16_t port = 0;
    const auto begin = address.rfind(':') + 1;
    std::from_chars(address.data() + begin, address.data() + address.size(), port);
    return port;
}

struct loopback_sockets {
    std::uint16_t port = 0;
    std::vector<descriptor> sockets;
};

// A browser may take either address of the name. If only one were ours, another user could listen at the other one, and
// would be given the link's secret.
outcome<loopback_sockets> listen_on_loopback() {
    for (int left = most_tries;; --left) {
        auto first = http::listen_on("127.0.0.1:0");
        if (!first)
            return failure(std::move(first).error());
        loopback_sockets found;
        found.port = port_of(first->second);
        found.sockets.push_back(std::move(first->first));
        if (auto second = http::listen_on(fmt::format("[::1]:{}", found.port))) {
            found.sockets.push_back(std::move(second->first));
            return found;
        }
        if (auto any = http::listen_on("[::1]:0"); !any)
            return found; // this machine has no IPv6
        if (left == 0)
            return failure(error_code::system_failure, "no port is free on both 127.0.0.1 and ::1",
                           "ss -ltnp names the programs that listen");
    }
}

} // namespace

page_service::page_service()
    : host_(fmt::format("gestvenv-{}.localhost", random_identifier().substr(0, 8))) {}

outcome<std::uint16_t> page_service::listen(http::server& server) {
    if (port_ != 0)
        return port_;
    auto found = listen_on_loopback();
    if (!found)
        return failure(std::move(found).error());
    for (auto& socket : found->sockets)
        if (auto taken = server.listen(std::move(socket)); !taken)
            return failure(std::move(taken).error());
    port_ = found->port;
    return port_;
}

outcome<std::filesystem::path> write_link_file(const std::string& url) {
    auto folder = node_socket_folder();
    if (!folder)
        return failure(std::move(folder).error());
    auto path = *folder / fmt::format("page-{}.html", random_identifier());
    descriptor file{::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600)};
    if (!file)
        return system_failure(errno, fmt::format("cannot write {}", path.string()));
    const auto text = fmt::format("<!doctype html><meta charset=\"utf-8\"><title>GestVenv</title>"
                                  "<meta name=\"referrer\" content=\"no-referrer\">"
                                  "<meta http-equiv=\"refresh\" content=\"0;url={0}\">"
                                  "<a href=\"{0}\">GestVenv</a>\n",
                                  url);
    if (::write(file.get(), text.data(), text.size()) != static_cast<ssize_t>(text.size())) {
        auto failed = system_failure(errno, fmt::format("cannot write {}", path.string()));
        ::unlink(path.c_str());
        return failed;
    }
    return path;
}

} // namespace gestvenv::page
