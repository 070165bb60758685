// SPDX-License-Identifier: MIT
#include "net/node/node_place.hpp"

#include "messages/fault_point.hpp"
#include "messages/json.hpp"
#include "system/posix/process_facts.hpp"
#include "system/posix/small_file.hpp"
#include "system/posix/system_failure.hpp"
#include "system/posix/try_lock.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <string_view>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <thread>
#include <unistd.h>

namespace gestvenv {

namespace {

constexpr std::size_t largest_record = 64 << 10;
constexpr std::chrono::milliseconds look_interval{20};
constexpr int waiting_connections = 1024;

/// The lock, if it could be taken, of a file that is still the one of that name.
outcome<std::optional<descriptor>> try_take(const std::filesystem::path& path) {
    descriptor file{::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600)};
    if (!file)
        return system_failure(errno, fmt::format("cannot make {}", path.string()));
    if (!try_lock(file.get(), LOCK_EX)) {
        if (errno == EWOULDBLOCK)
            return std::nullopt;
        return system_failure(errno, fmt::format("cannot lock {}", path.string()));
    }
    struct stat held {};
    struct stat named {};
    if (::fstat(file.get(), &held) != 0 || ::lstat(path.c_str(), &named) != 0 || held.st_ino != named.st_ino)
        return std::nullopt; // its holder has removed it meanwhile
    return file;
}

outcome<descriptor> take_within(const std::filesystem::path& path, std::chrono::milliseconds patience,
                                std::string_view what) {
    const auto until = std::chrono::steady_clock::now() + patience;
    for (;;) {
        auto taken = try_take(path);
        if (!taken)
            return failure(std::move(taken).error());
        if (*taken)
            return std::move(**taken);
        if (std::chrono::steady_clock::now() >= until)
            return failure(error_code::illegal_transition, std::string{what});
        std::this_thread::sleep_for(look_interval);
    }
}

outcome<void> check_own_folder(const std::filesystem::path& folder) {
    struct stat status {};
    if (::lstat(folder.c_str(), &status) != 0)
        return system_failure(errno, fmt::format("cannot examine {}", folder.string()));
    if (!S_ISDIR(status.st_mode) || status.st_uid != ::geteuid() || (status.st_mode & 022) != 0)
        return failure(error_code::permission_denied,
                       fmt::format("{} is not a folder of this user's alone", folder.string()),
                       "remove it, or set XDG_RUNTIME_DIR to a folder of this user's (mode 0700)");
    return {};
}

/// Whether it can hold the socket of this user. A caller that became another user by su(1) has that of the one before.
bool is_own_folder(const char* path) {
    struct stat status {};
    return path != nullptr && path[0] == '/' && ::stat(path, &status) == 0 && S_ISDIR(status.st_mode) &&
           status.st_uid == ::geteuid() && ::access(path, W_OK | X_OK) == 0;
}

} // namespace

outcome<void> node_place::make_root() const {
    std::error_code problem;
    std::filesystem::create_directories(root_, problem);
    if (problem)
        return system_failure(problem.value(), fmt::format("cannot make the folder {}", root_.string()));
    return check_own_folder(root_);
}

outcome<std::optional<node_record>> node_place::living() const {
    auto file = read_own_file(record(), largest_record);
    if (!file)
        return failure(std::move(file).error());
    if (!*file)
        return std::nullopt;
    auto found = parse_json((*file)->text).and_then([](const nlohmann::json& value) {
        return from_json_value<node_record>(value);
    });
    if (!found)
        return failure(error_code::invalid_argument,
                       fmt::format("{} cannot be read: {}", record().string(), found.error().message),
                       "another version may have written it: end that node, or remove the file");
    // One that nothing has waited for, as below a first process that waits for none, has ended too.
    const auto process = process_facts::of(found->pid);
    if (!process || !process->alive() || process->start_time != found->start_time)
        return std::nullopt;
    return std::move(*found);
}

outcome<void> node_place::write(const node_record& what) const {
    return replace_file(record(), to_json_value(what).dump(2) + "\n");
}

void node_place::remove() const noexcept {
    std::error_code ignored; // a record that stays names a process that is gone
    std::filesystem::remove(record(), ignored);
    std::filesystem::remove(root_ / "node.lock", ignored);
    ::rmdir(root_.c_str()); // where nothing else is in it
}

outcome<descriptor> node_place::take() const {
    return make_root().and_then([this] {
        return take_within(root_ / "node.lock", std::chrono::milliseconds{200},
                           "a node of this user runs already");
    });
}

outcome<descriptor> node_place::lock_start(std::chrono::milliseconds patience) const {
    return make_root().and_then([&] {
        return take_within(root_ / "node.starting", patience,
                           "another program is starting a node and does not end");
    });
}

void node_place::start_is_over() const noexcept {
    ::unlink((root_ / "node.starting").c_str()); // else the next one uses it
}

outcome<std::filesystem::path> node_socket_folder() {
    const char* given = std::getenv("XDG_RUNTIME_DIR");
    const std::filesystem::path folder =
        is_own_folder(given) ? std::filesystem::path{given} / "gestvenv"
                             : std::filesystem::path{fmt::format("/tmp/gestvenv-node-{}", ::geteuid())};
    if (::mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST)
        return system_failure(errno, fmt::format("cannot make the folder {}", folder.string()));
    if (auto good = check_own_folder(folder); !good)
        return failure(std::move(good).error());
    return folder;
}

std::optional<std::filesystem::path> socket_of_service_manager() {
    const char* given = std::getenv("XDG_RUNTIME_DIR");
    if (!is_own_folder(given))
        return std::nullopt;
    auto path = std::filesystem::path{given} / "gestvenv/node.sock";
    struct stat found {};
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (::lstat(path.c_str(), &found) != 0 || !S_ISSOCK(found.st_mode) || found.st_uid != ::geteuid() ||
        path.native().size() >= sizeof address.sun_path)
        return std::nullopt;
    std::memcpy(address.sun_path, path.c_str(), path.native().size());
    // Nothing listens at one that is left (unix(7): ECONNREFUSED).
    const descriptor trial{::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)};
    if (!trial || ::connect(trial.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
        return std::nullopt;
    return path;
}

outcome<descriptor> listen_at(const std::filesystem::path& path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path.native().size() >= sizeof address.sun_path)
        return failure(error_code::invalid_argument,
                       fmt::format("{} is too long for a socket: {} bytes at most", path.string(),
                                   sizeof address.sun_path - 1),
                       "set XDG_RUNTIME_DIR to a folder with a shorter path");
    std::memcpy(address.sun_path, path.c_str(), path.native().size());
    descriptor socket{::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)};
    if (!socket)
        return system_failure(errno, "cannot make a socket");
    ::unlink(path.c_str()); // of a node that is dead: the caller holds the lock
    // Never connectable for others, not for a moment.
    const auto mask = ::umask(0177);
    const int bound = ::bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address);
    const int why = errno;
    ::umask(mask);
    if (bound != 0)
        return system_failure(why, fmt::format("cannot bind a socket to {}", path.string()));
    fault_point("node: has bound its socket");
    if (::listen(socket.get(), waiting_connections) != 0) {
        const int refused = errno;
        ::unlink(path.c_str());
        return system_failure(refused, fmt::format("cannot listen at {}", path.string()));
    }
    return socket;
}

void remove_socket(const std::filesystem::path& path, bool with_folder) noexcept {
    ::unlink(path.c_str());
    if (with_folder)
        ::rmdir(path.parent_path().c_str());
}

} // namespace gestvenv
