// SPDX-License-Identifier: MIT
#include "net/node/service_manager.hpp"

#include "system/posix/system_failure.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <charconv>
#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <string>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

namespace gestvenv {

namespace {

constexpr int first_handed_over = 3; // SD_LISTEN_FDS_START
constexpr int most_handed_over = 16;

int number_in(const char* variable) {
    const char* text = std::getenv(variable);
    int number = -1;
    if (text != nullptr)
        std::from_chars(text, text + std::strlen(text), number);
    return number;
}

} // namespace

outcome<std::vector<descriptor>> sockets_handed_over() {
    const int process = number_in("LISTEN_PID");
    const int count = number_in("LISTEN_FDS");
    for (const auto* variable : {"LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES"})
        ::unsetenv(variable);
    std::vector<descriptor> sockets;
    if (process != ::getpid() || count <= 0)
        return sockets;
    if (count > most_handed_over)
        return failure(error_code::invalid_argument,
                       fmt::format("LISTEN_FDS hands over {} sockets, and at most {} are taken", count,
                                   most_handed_over));
    for (int number = first_handed_over; number < first_handed_over + count; ++number) {
        descriptor socket{number};
        int listens = 0;
        socklen_t size = sizeof listens;
        if (::getsockopt(number, SOL_SOCKET, SO_ACCEPTCONN, &listens, &size) != 0 || listens == 0)
            return failure(error_code::invalid_argument,
                           fmt::format("descriptor {} of LISTEN_FDS is no socket that listens", number),
                           "use Accept=no and ListenStream= in the socket unit");
        if (::fcntl(number, F_SETFD, FD_CLOEXEC) != 0)
            return system_failure(errno, "cannot keep a socket from programs that are started");
        sockets.push_back(std::move(socket));
    }
    return sockets;
}

std::string path_of_socket(int socket) {
    sockaddr_un address{};
    socklen_t size = sizeof address;
    if (::getsockname(socket, reinterpret_cast<sockaddr*>(&address), &size) != 0 ||
        address.sun_family != AF_UNIX || size <= offsetof(sockaddr_un, sun_path) ||
        address.sun_path[0] == '\0')
        return {};
    const auto most = size - offsetof(sockaddr_un, sun_path);
    return {address.sun_path, ::strnlen(address.sun_path, most)};
}

outcome<void> notify_service_manager(std::string_view state) {
    const char* path = std::getenv("NOTIFY_SOCKET");
    if (path == nullptr || (path[0] != '/' && path[0] != '@'))
        return {};
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    const std::string_view name{path};
    if (name.size() >= sizeof address.sun_path)
        return failure(error_code::invalid_argument, "NOTIFY_SOCKET is too long");
    std::memcpy(address.sun_path, name.data(), name.size());
    if (address.sun_path[0] == '@')
        address.sun_path[0] = '\0'; // an abstract one
    const auto length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + name.size());
    descriptor socket{::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)};
    if (!socket)
        return system_failure(errno, "cannot make a socket");
    if (::sendto(socket.get(), state.data(), state.size(), MSG_NOSIGNAL,
                 reinterpret_cast<const sockaddr*>(&address), length) < 0)
        return system_failure(errno, fmt::format("cannot tell the service manager at {}", name));
    return {};
}

} // namespace gestvenv
