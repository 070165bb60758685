// SPDX-License-Identifier: MIT
#include "net/execution/frame_socket.hpp"

#include "system/posix/system_failure.hpp"

#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <iterator>

namespace gestvenv::execution {

namespace {

constexpr std::size_t piece_size = 64 << 10;
constexpr std::size_t length_size = 4;
constexpr std::size_t head_size = length_size + 1;
/// Of one sendmsg(2): SCM_MAX_FD.
constexpr std::size_t most_at_once = 253;

tl::unexpected<error> broken(const char* why) {
    return failure(error_code::invalid_argument,
                   std::string{"the other side of a command's channel sent "} + why);
}

/// A frame's length as it is sent, whatever the byte order of the machine.
std::string length_bytes(std::uint32_t length) {
    std::string bytes;
    for (unsigned shift = 0; shift < 32; shift += 8)
        bytes.push_back(static_cast<char>((length >> shift) & 0xFF));
    return bytes;
}

std::uint32_t length_from(std::string_view bytes) {
    std::uint32_t length = 0;
    for (std::size_t i = 0; i < length_size; ++i)
        length |= static_cast<std::uint32_t>(static_cast<unsigned char>(bytes[i])) << (8 * i);
    return length;
}

/// Owners of all descriptors that came with a message, so that none is left open on any way out.
std::vector<descriptor> descriptors_of(msghdr& header) {
    std::vector<descriptor> all;
    for (auto* part = CMSG_FIRSTHDR(&header); part != nullptr; part = CMSG_NXTHDR(&header, part)) {
        if (part->cmsg_level != SOL_SOCKET || part->cmsg_type != SCM_RIGHTS)
            continue;
        const auto count = (part->cmsg_len - CMSG_LEN(0)) / sizeof(int);
        for (std::size_t i = 0; i < count; ++i) {
            int number = -1;
            std::memcpy(&number, CMSG_DATA(part) + i * sizeof(int), sizeof number);
            all.emplace_back(number);
        }
    }
    return all;
}

} // namespace

void frame_socket::close() noexcept {
    socket_.reset();
    received_.clear();
    outgoing_.clear();
    waiting_ = 0;
}

outcome<bool> frame_socket::read() {
    std::array<char, piece_size> buffer; // NOLINT: filled by the kernel
    iovec piece{buffer.data(), buffer.size()};
    // Room for all that a single message can have: what did not fit would be dropped without a word.
    alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int) * most_at_once)> control{};
    msghdr header{};
    header.msg_iov = &piece;
    header.msg_iovlen = 1;
    header.msg_control = control.data();
    header.msg_controllen = control.size();
    ssize_t got = 0;
    do
        got = ::recvmsg(socket_.get(), &header, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);
    while (got < 0 && errno == EINTR);
    if (got < 0) {
        if (errno == EAGAIN)
            return true;
        if (errno == ECONNRESET)
            return false;
        return system_failure(errno, "cannot receive from a command's channel");
    }
    auto attached = descriptors_of(header);
    // unix(7): descriptors for which there is no free number here are dropped on the way.
    if ((header.msg_flags & MSG_CTRUNC) != 0)
        return system_failure(EMFILE, "cannot take the descriptors of a command");
    if (received_.size() + attached.size() > most_received_)
        return broken("more descriptors than a command may have");
    std::move(attached.begin(), attached.end(), std::back_inserter(received_));
    incoming_.append(buffer.data(), static_cast<std::size_t>(got));
    return got > 0;
}

outcome<std::optional<frame_socket::frame>> frame_socket::next() {
    std::string_view rest{incoming_};
    rest.remove_prefix(taken_);
    if (rest.size() < length_size)
        return std::nullopt;
    const std::size_t length = length_from(rest);
    if (length < 1)
        return broken("a frame without a kind");
    if (length > largest_frame_)
        return broken("a frame that is too large");
    if (rest.size() < length_size + length) {
        incoming_.erase(0, std::exchange(taken_, 0));
        return std::nullopt;
    }
    frame result;
    result.what = static_cast<kind>(rest[length_size]);
    result.body = rest.substr(head_size, length - 1);
    taken_ += length_size + length;
    if (taken_ == incoming_.size())
        incoming_.erase(0, std::exchange(taken_, 0));
    return result;
}

void frame_socket::queue_bytes(kind what, std::string body, std::vector<descriptor> attached) {
    auto bytes = length_bytes(static_cast<std::uint32_t>(body.size() + 1));
    bytes.push_back(static_cast<char>(what));
    bytes += body;
    waiting_ += bytes.size();
    outgoing_.push_back({std::move(bytes), 0, std::move(attached)});
}

outcome<std::size_t> frame_socket::send_some(item& first) {
    iovec piece{first.bytes.data() + first.sent, first.bytes.size() - first.sent};
    alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int) * most_descriptors)> control{};
    msghdr header{};
    header.msg_iov = &piece;
    header.msg_iovlen = 1;
    if (!first.attached.empty()) {
        if (first.attached.size() > most_descriptors)
            return failure(error_code::invalid_argument, "a command with too many descriptors");
        const auto size = sizeof(int) * first.attached.size();
        header.msg_control = control.data();
        header.msg_controllen = CMSG_SPACE(size);
        auto* part = CMSG_FIRSTHDR(&header);
        part->cmsg_level = SOL_SOCKET;
        part->cmsg_type = SCM_RIGHTS;
        part->cmsg_len = CMSG_LEN(size);
        for (std::size_t i = 0; i < first.attached.size(); ++i) {
            const int number = first.attached[i].get();
            std::memcpy(CMSG_DATA(part) + i * sizeof(int), &number, sizeof number);
        }
    }
    for (;;) {
        auto sent = ::sendmsg(socket_.get(), &header, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (sent >= 0)
            return static_cast<std::size_t>(sent);
        if (errno == EINTR)
            continue;
        if (errno == EAGAIN)
            return std::size_t{0};
        // The other side does not read any more. What the other side has sent before is still to be read, and then its end.
        if (errno == EPIPE || errno == ECONNRESET)
            return first.bytes.size() - first.sent;
        return system_failure(errno, "cannot send to a command's channel");
    }
}

outcome<void> frame_socket::flush() {
    while (!outgoing_.empty()) {
        auto& first = outgoing_.front();
        auto sent = send_some(first);
        if (!sent)
            return failure(sent.error());
        if (*sent == 0)
            return {};
        first.attached.clear(); // they have gone with the first byte
        first.sent += *sent;
        waiting_ -= *sent;
        if (first.sent == first.bytes.size())
            outgoing_.pop_front();
    }
    return {};
}

} // namespace gestvenv::execution
