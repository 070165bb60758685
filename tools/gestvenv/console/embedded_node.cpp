// SPDX-License-Identifier: MIT
#include "tools/gestvenv/console/embedded_node.hpp"

#include "net/node/node.hpp"
#include "net/node/node_place.hpp"
#include "system/posix/descriptor.hpp"
#include "system/posix/system_failure.hpp"
#include "tools/gestvenv/output/output.hpp"

#include <fmt/format.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <fcntl.h>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace gestvenv::cli {

namespace {

/// All that is written to the pipe; its writer closes it within the time that a start may take.
std::string read_to_end(int pipe) {
    std::string text;
    std::array<char, 4096> piece{};
    for (;;) {
        const auto count = ::read(pipe, piece.data(), piece.size());
        if (count < 0 && errno == EINTR)
            continue;
        if (count <= 0)
            return text;
        text.append(piece.data(), static_cast<std::size_t>(count));
    }
}

} // namespace

outcome<std::unique_ptr<embedded_node>> embedded_node::start(const global_options& global) {
    auto folder = node_socket_folder();
    if (!folder)
        return failure(std::move(folder).error());
    std::array<int, 2> pipe{};
    if (::pipe2(pipe.data(), O_CLOEXEC) != 0)
        return system_failure(errno, "cannot make a pipe");
    const descriptor reading{pipe[0]};
    std::unique_ptr<embedded_node> made{new embedded_node};
    made->socket_ = (*folder / fmt::format("console-{}.sock", ::getpid())).string();
    node_options options;
    options.socket = made->socket_;
    options.configuration_file = global.configuration_file;
    options.offline = global.offline;
    options.ready_descriptor = pipe[1];
    options.within = made->stop_.get_token();
    if (global.verbose)
        options.log = print_log;
    try {
        made->thread_ = std::thread{[node = made.get(), options] { node->ended_ = run_node(options); }};
    } catch (const std::system_error& problem) {
        ::close(pipe[1]);
        return system_failure(problem.code().value(), "cannot start a thread");
    }
    if (read_to_end(reading.get()) == "ready")
        return made;
    if (auto ended = made->end(); !ended)
        return failure(std::move(ended).error());
    return failure(error_code::system_failure, "the runtime of the console did not start");
}

embedded_node::~embedded_node() {
    if (auto ended = end(); !ended)
        print_error(ended.error());
}

outcome<void> embedded_node::end() {
    stop_.request_stop();
    if (thread_.joinable())
        thread_.join();
    return std::exchange(ended_, {});
}

} // namespace gestvenv::cli
