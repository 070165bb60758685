// SPDX-License-Identifier: MIT
#include "net/http/byte_stream.hpp"

#include <cerrno>
#include <sys/socket.h>
#include <system_error>

namespace gestvenv::http {

namespace {

progress failed_with(int error_number, progress::kind would_block) {
    if (error_number == EAGAIN)
        return {would_block};
    return {progress::kind::failed, 0, std::generic_category().message(error_number)};
}

} // namespace

progress plain_stream::read(char* into, std::size_t room) {
    for (;;) {
        auto bytes = ::recv(socket_, into, room, MSG_DONTWAIT);
        if (bytes > 0)
            return {progress::kind::done, static_cast<std::size_t>(bytes)};
        if (bytes == 0)
            return {progress::kind::ended};
        if (errno != EINTR)
            return failed_with(errno, progress::kind::wants_read);
    }
}

progress plain_stream::write(const iovec* pieces, std::size_t count) {
    msghdr message{};
    // sendmsg(2) does not write to it.
    message.msg_iov = const_cast<iovec*>(pieces);
    message.msg_iovlen = count;
    for (;;) {
        auto bytes = ::sendmsg(socket_, &message, MSG_DONTWAIT | MSG_NOSIGNAL);
        if (bytes >= 0)
            return {progress::kind::done, static_cast<std::size_t>(bytes)};
        if (errno != EINTR)
            return failed_with(errno, progress::kind::wants_write);
    }
}

void plain_stream::finish_writing() noexcept {
    ::shutdown(socket_, SHUT_WR);
}

} // namespace gestvenv::http
