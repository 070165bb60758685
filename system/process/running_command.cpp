// SPDX-License-Identifier: MIT
#include "system/process/running_command.hpp"

#include "system/posix/system_failure.hpp"

#include <sys/epoll.h>
#include <sys/wait.h>

#include <cerrno>
#include <csignal>
#include <fcntl.h>
#include <unistd.h>

namespace gestvenv {

namespace {

struct pipe_ends {
    descriptor reader;
    descriptor writer;
};

outcome<pipe_ends> make_pipe() {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) < 0)
        return system_failure(errno, "cannot create a pipe for a command");
    return pipe_ends{descriptor{ends[0]}, descriptor{ends[1]}};
}

// Only our end: a program expects blocking standard streams.
void make_non_blocking(const descriptor& end) {
    ::fcntl(end.get(), F_SETFL, O_NONBLOCK);
}

outcome<descriptor> empty_stream() {
    descriptor empty{::open("/dev/null", O_RDWR | O_CLOEXEC)};
    if (!empty)
        return system_failure(errno, "cannot open /dev/null for a command");
    return empty;
}

outcome<void> inherit(const command_descriptors& from, std::vector<descriptor>& child_ends) {
    for (const auto& stream : from.streams) {
        auto copy = stream ? copy_of_descriptor(stream.get()) : empty_stream();
        if (!copy)
            return failure(copy.error());
        child_ends.push_back(std::move(*copy));
    }
    return {};
}

outcome<void> pass_on(const std::vector<int>& numbers, std::vector<descriptor>& child_ends) {
    for (int number : numbers) {
        auto copy = copy_of_descriptor(number);
        if (!copy)
            return failure(copy.error());
        child_ends.push_back(std::move(*copy));
    }
    return {};
}

outcome<void> inherit_streams(const process_request& request, std::vector<descriptor>& child_ends) {
    if (request.descriptors)
        return inherit(*request.descriptors, child_ends);
    command_spec streams_alone;
    streams_alone.streams = stream_mode::inherit;
    return descriptors_for(streams_alone).and_then([&](const command_descriptors& own) {
        return inherit(own, child_ends);
    });
}

// In the place of the streams that it is, and once more behind them.
outcome<void> add_terminal(const command_terminal& terminal, int device,
                           std::vector<descriptor>& child_ends) {
    const std::array<bool, 3> is_stream{terminal.input, terminal.output, terminal.error};
    child_ends.emplace_back();
    for (std::size_t i = 0; i < child_ends.size(); ++i) {
        if (i < is_stream.size() && !is_stream.at(i))
            continue;
        auto copy = copy_of_descriptor(device);
        if (!copy)
            return failure(copy.error());
        child_ends[i] = std::move(*copy);
    }
    return {};
}

std::vector<int> numbers_to_pass(const process_request& request) {
    if (!request.descriptors)
        return request.passed_from.empty() ? request.program.passed : request.passed_from;
    std::vector<int> numbers;
    for (const auto& item : request.descriptors->passed)
        numbers.push_back(item.get());
    return numbers;
}

} // namespace

outcome<std::shared_ptr<running_command>> running_command::make(reactor& events, process_request& request,
                                                                machine::callback<operation_result> done,
                                                                std::vector<descriptor>& child_ends) {
    auto command = make_streams(events, request, std::move(done), child_ends);
    if (!command)
        return command;
    if (auto passed = pass_on(numbers_to_pass(request), child_ends); !passed)
        return failure(passed.error());
    return command;
}

outcome<std::shared_ptr<running_command>>
running_command::make_streams(reactor& events, process_request& request,
                              machine::callback<operation_result> done, std::vector<descriptor>& child_ends) {
    std::shared_ptr<running_command> command{new running_command{events, std::move(done)}};
    command->link_ = request.link;
    auto made = request.streams == stream_mode::inherit ? inherit_streams(request, child_ends)
                                                        : command->capture(request, child_ends);
    if (made && request.terminal)
        made = add_terminal(
            *request.terminal,
            request.descriptors ? request.descriptors->terminal.get() : request.terminal->device, child_ends);
    if (!made)
        return failure(made.error());
    return command;
}

outcome<void> running_command::capture(process_request& request, std::vector<descriptor>& child_ends) {
    if (request.descriptors && request.descriptors->streams[0]) {
        auto copy = copy_of_descriptor(request.descriptors->streams[0].get());
        if (!copy)
            return failure(copy.error());
        child_ends.push_back(std::move(*copy));
    } else if (request.standard_input.empty()) {
        child_ends.emplace_back(::open("/dev/null", O_RDONLY | O_CLOEXEC));
        if (!child_ends.back())
            return system_failure(errno, "cannot open /dev/null for a command");
    } else {
        auto input = make_pipe();
        if (!input)
            return failure(input.error());
        input_ = std::move(input->writer);
        make_non_blocking(input_);
        input_text_ = std::move(request.standard_input);
        child_ends.push_back(std::move(input->reader));
    }
    std::array<const char*, 2> names{"stdout", "stderr"};
    for (std::size_t i = 0; i < 2; ++i) {
        auto output = make_pipe();
        if (!output)
            return failure(output.error());
        make_non_blocking(output->reader);
        output_capture::bounds limits{request.memory_limit, request.output_limit, request.host_path,
                                      "command-" + std::to_string(request.program.command) + "-" + names[i]};
        outputs_[i].capture = std::make_unique<output_capture>(std::move(output->reader), std::move(limits),
                                                               static_cast<output_stream>(i), request.sink);
        child_ends.push_back(std::move(output->writer));
    }
    if (request.sink)
        request.sink->on_room([weak = weak_from_this()] {
            if (auto living = weak.lock())
                living->events_.post([living] { living->listen_to_outputs(); });
        });
    return {};
}

// To those that are not listened to yet, or not any more because the sink had enough.
void running_command::listen_to_outputs() {
    auto self = shared_from_this();
    for (auto& output : outputs_) {
        if (!output.capture || output.capture->reader() < 0 || output.watched != 0)
            continue;
        auto watched = events_.watch(output.capture->reader(), EPOLLIN,
                                     [self, &output](std::uint32_t) { self->read(output); });
        // Unwatched, the stream is still read at the command's end.
        output.watched = watched ? *watched : 0;
    }
}

void running_command::listen() {
    auto self = shared_from_this();
    listen_to_outputs();
    if (input_) {
        auto watched = events_.watch(input_.get(), EPOLLOUT, [self](std::uint32_t) { self->write_input(); });
        if (watched)
            input_watched_ = *watched;
        else
            input_.reset();
    }
}

void running_command::read(stream& source) {
    if (!source.capture || source.capture->reader() < 0)
        return;
    switch (source.capture->read()) {
    case output_capture::state::open:
        return;
    case output_capture::state::full:
        return unwatch(source);
    case output_capture::state::ended:
        return close(source);
    }
}

void running_command::close(stream& source) {
    if (!source.capture || source.capture->reader() < 0)
        return;
    unwatch(source);
    source.capture->close();
}

void running_command::unwatch(stream& source) {
    if (source.watched != 0)
        events_.unwatch(source.capture->reader(), source.watched);
    source.watched = 0;
}

void running_command::write_input() {
    while (input_written_ < input_text_.size()) {
        auto written =
            ::write(input_.get(), input_text_.data() + input_written_, input_text_.size() - input_written_);
        if (written < 0) {
            if (errno == EINTR)
                continue;
            if (errno == EAGAIN)
                return;
            break; // the command does not want the rest
        }
        input_written_ += static_cast<std::size_t>(written);
    }
    close_input();
}

void running_command::close_input() {
    if (!input_)
        return;
    if (input_watched_ != 0)
        events_.unwatch(input_.get(), input_watched_);
    input_.reset();
}

void running_command::stopped(int number) {
    if (link_)
        link_->stopped(number);
}

void running_command::ended(const protocol::exited& report) {
    if (link_)
        link_->end();
    close_input();
    operation_result result;
    if (WIFSIGNALED(report.wait_status)) {
        result.signal = WTERMSIG(report.wait_status);
        result.returncode = 128 + *result.signal;
    } else {
        result.returncode = WEXITSTATUS(report.wait_status);
    }
    result.duration = report.duration;
    result.user_time = report.user_time;
    result.system_time = report.system_time;
    result.peak_memory_bytes = report.peak_memory_bytes;
    result.out_of_memory = report.out_of_memory;
    result.too_many_processes = report.too_many_processes;
    result.limits_reached = report.limits_reached;
    result.notes = report.not_overlaid;
    for (auto& output : outputs_) {
        if (!output.capture)
            continue;
        if (output.capture->reader() >= 0 && output.capture->read(true) == output_capture::state::ended)
            close(output);
        output.capture->discard();
    }
    if (auto& output = outputs_[0].capture) {
        result.stdout_text = output->take_text();
        result.stdout_bytes = output->bytes();
        result.stdout_cut = output->cut();
        result.stdout_file = output->file();
    }
    if (auto& output = outputs_[1].capture) {
        result.stderr_text = output->take_text();
        result.stderr_bytes = output->bytes();
        result.stderr_cut = output->cut();
        result.stderr_file = output->file();
    }
    if (auto done = std::exchange(done_, nullptr))
        done(std::move(result));
}

void running_command::failed(error reason) {
    if (link_)
        link_->end();
    abandon();
    if (auto done = std::exchange(done_, nullptr))
        done(failure(std::move(reason)));
}

void running_command::abandon() {
    close_input();
    for (auto& output : outputs_)
        close(output);
}

} // namespace gestvenv
