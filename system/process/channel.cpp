// SPDX-License-Identifier: MIT
#include "system/process/channel.hpp"

#include "system/posix/system_failure.hpp"

#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <poll.h>

namespace gestvenv {

namespace {

// Messages up to this size go through the socket itself; the default send buffer holds several of them.
constexpr std::size_t inline_limit = 32u << 10;

// How often a message is sent for which the kernel has no memory, a millisecond apart.
constexpr int most_attempts = 4;

// First byte of every packet: where the bytes are.
enum class placement : char { inline_bytes = 'i', memory_file = 'm' };

// Where there is no memfd_create(2): in memory if possible, and without a name in any case.
descriptor unnamed_file() {
    for (const char* folder : {"/dev/shm", "/tmp", "/var/tmp"}) {
        if (descriptor file{::open(folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600)}; file)
            return file;
        auto name =
            std::string{folder} + "/gestvenv-message-XXXXXX"; // not every file system has unnamed files
        if (descriptor file{::mkostemp(name.data(), O_CLOEXEC)}; file && ::unlink(name.c_str()) == 0)
            return file;
    }
    return {};
}

outcome<descriptor> to_memory_file(std::string_view bytes) {
    descriptor file{::memfd_create("gestvenv-message", MFD_CLOEXEC | MFD_ALLOW_SEALING)};
    const bool sealable = static_cast<bool>(file);
    if (!file && (errno == ENOSYS || errno == EPERM))
        file = unnamed_file();
    if (!file)
        return system_failure(errno, "cannot create a memory file for a message");
    while (!bytes.empty()) {
        auto written = ::write(file.get(), bytes.data(), bytes.size());
        if (written < 0) {
            if (errno == EINTR)
                continue;
            return system_failure(errno, "cannot write a message to its memory file");
        }
        bytes.remove_prefix(static_cast<std::size_t>(written));
    }
    // Sealed, so that the reader can trust the size it checked. The file in its place cannot be; the reader
    // copies either, and takes one that has shrunk for unreadable.
    if (sealable &&
        ::fcntl(file.get(), F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL) < 0)
        return system_failure(errno, "cannot seal the memory file of a message");
    return file;
}

outcome<std::string> from_memory_file(const descriptor& file) {
    struct stat status {};
    if (::fstat(file.get(), &status) < 0 || !S_ISREG(status.st_mode) || status.st_size < 0 ||
        static_cast<std::size_t>(status.st_size) > largest_message)
        return failure(error_code::system_failure, "a message came in something that is no file for one");
    std::string bytes(static_cast<std::size_t>(status.st_size), '\0');
    std::size_t have = 0;
    while (have < bytes.size()) {
        auto got = ::pread(file.get(), bytes.data() + have, bytes.size() - have, static_cast<off_t>(have));
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return failure(error_code::system_failure, "the memory file of a message cannot be read");
        have += static_cast<std::size_t>(got);
    }
    return bytes;
}

} // namespace

outcome<std::pair<channel, channel>> channel::pair() {
    std::array<int, 2> ends{};
    if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends.data()) < 0)
        return system_failure(errno, "cannot create a socket pair");
    return std::pair{channel{descriptor{ends[0]}}, channel{descriptor{ends[1]}}};
}

bool channel::has_room() const noexcept {
    pollfd item{socket_.get(), POLLOUT, 0};
    return ::poll(&item, 1, 0) > 0 && (item.revents & POLLOUT) != 0;
}

outcome<packet> packet::make(std::string bytes) {
    if (bytes.size() > largest_message)
        return failure(error_code::invalid_argument, "a message of " + std::to_string(bytes.size()) +
                                                         " bytes exceeds the limit of " +
                                                         std::to_string(largest_message));
    packet result;
    if (bytes.size() > inline_limit) {
        auto file = to_memory_file(bytes);
        if (!file)
            return failure(file.error());
        result.memory_file_ = std::move(*file);
        bytes.resize(message_head_bytes);
    }
    result.bytes_ = std::move(bytes);
    return result;
}

outcome<channel::status> channel::send(std::string_view bytes, std::span<const int> descriptors) {
    auto ready = packet::make(std::string{bytes});
    return ready ? send(*ready, descriptors) : failure(ready.error());
}

outcome<channel::status> channel::send(const packet& ready, std::span<const int> descriptors) {
    if (descriptors.size() > most_descriptors)
        return failure(error_code::invalid_argument, "a message with too many descriptors");
    std::array<int, most_descriptors + 1> numbers{};
    std::size_t count = 0;
    auto where = placement::inline_bytes;
    if (ready.memory_file_) {
        where = placement::memory_file;
        numbers[count++] = ready.memory_file_.get();
    }
    for (int number : descriptors)
        numbers[count++] = number;

    const auto& bytes = ready.bytes_;
    std::array<iovec, 2> parts{iovec{&where, 1}, iovec{const_cast<char*>(bytes.data()), bytes.size()}};
    msghdr header{};
    header.msg_iov = parts.data();
    header.msg_iovlen = parts.size();
    alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int) * (most_descriptors + 1))> control{};
    if (count > 0) {
        header.msg_control = control.data();
        header.msg_controllen = CMSG_SPACE(sizeof(int) * count);
        auto* item = CMSG_FIRSTHDR(&header);
        item->cmsg_level = SOL_SOCKET;
        item->cmsg_type = SCM_RIGHTS;
        item->cmsg_len = CMSG_LEN(sizeof(int) * count);
        std::memcpy(CMSG_DATA(item), numbers.data(), sizeof(int) * count);
    }
    for (int attempt = 1;; ++attempt) {
        if (::sendmsg(socket_.get(), &header, MSG_NOSIGNAL | MSG_DONTWAIT) >= 0)
            return status::ok;
        if (errno == EINTR)
            continue;
        // For the moment: the failure of one message ends the whole connection.
        if ((errno == ENOMEM || errno == ENOBUFS) && attempt < most_attempts) {
            ::poll(nullptr, 0, 1);
            continue;
        }
        if (errno == EAGAIN)
            return status::would_block;
        if (errno == EPIPE || errno == ECONNRESET)
            return status::closed;
        return system_failure(errno, "cannot send a message");
    }
}

outcome<channel::status> channel::receive(message& target) {
    target = {};
    auto where = placement::inline_bytes;
    std::array<char, inline_limit> buffer; // NOLINT: filled by the kernel
    std::array<iovec, 2> parts{iovec{&where, 1}, iovec{buffer.data(), buffer.size()}};
    msghdr header{};
    header.msg_iov = parts.data();
    header.msg_iovlen = parts.size();
    alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int) * (most_descriptors + 1))> control{};
    header.msg_control = control.data();
    header.msg_controllen = control.size();
    ssize_t got = 0;
    do
        got = ::recvmsg(socket_.get(), &header, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);
    while (got < 0 && errno == EINTR);
    if (got < 0) {
        if (errno == EAGAIN)
            return status::would_block;
        if (errno == ECONNRESET)
            return status::closed;
        return system_failure(errno, "cannot receive a message");
    }
    for (auto* item = CMSG_FIRSTHDR(&header); item != nullptr; item = CMSG_NXTHDR(&header, item)) {
        if (item->cmsg_level != SOL_SOCKET || item->cmsg_type != SCM_RIGHTS)
            continue;
        std::size_t count = (item->cmsg_len - CMSG_LEN(0)) / sizeof(int);
        for (std::size_t i = 0; i < count; ++i) {
            int number = -1;
            std::memcpy(&number, CMSG_DATA(item) + i * sizeof(int), sizeof number);
            target.descriptors.emplace_back(number);
        }
    }
    if (got == 0)
        return status::closed;
    if ((header.msg_flags & MSG_TRUNC) != 0)
        return failure(error_code::system_failure, "a message was cut short on the way");
    target.bytes.assign(buffer.data(), static_cast<std::size_t>(got) - 1);
    // unix(7): descriptors that find no free number are dropped on the way.
    if ((header.msg_flags & MSG_CTRUNC) != 0) {
        target.descriptors.clear();
        target.incomplete = system_failure(EMFILE, "cannot take a message with descriptors").value();
        return status::ok;
    }
    if (where == placement::inline_bytes)
        return status::ok;
    if (target.descriptors.empty())
        return failure(error_code::system_failure, "a message came without its memory file");
    if (auto bytes = from_memory_file(target.descriptors.front()))
        target.bytes = std::move(*bytes);
    else
        target.incomplete = bytes.error();
    target.descriptors.erase(target.descriptors.begin());
    return status::ok;
}

} // namespace gestvenv
