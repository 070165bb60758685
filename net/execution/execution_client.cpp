// SPDX-License-Identifier: MIT
#include "net/execution/execution_client.hpp"

#include "net/execution/connection.hpp"
#include "net/execution/messages.hpp"
#include "system/posix/system_failure.hpp"
#include "system/posix/terminal_restoration.hpp"
#include "system/process/command_descriptors.hpp"
#include "system/process/command_link.hpp"
#include "system/process/output_sink.hpp"
#include "system/version.hpp"

#include <sys/mman.h>

#include <algorithm>
#include <cerrno>
#include <string>
#include <string_view>
#include <unistd.h>

namespace gestvenv::execution {

namespace {

/// What waits for a node that does not read: a further signal is dropped, as one that is pending already is by the kernel.
constexpr std::size_t most_waiting = std::size_t{64} << 10;

/// A result beside its two texts.
constexpr std::size_t rest_of_result = std::size_t{1} << 20;

/// Bound on what the node may answer.
std::size_t largest_answer(const command_spec& command) {
    return 2 * static_cast<std::size_t>(std::max<std::int64_t>(command.memory_limit, 0)) + rest_of_result;
}

/// A file without a name that has the text, at its beginning.
outcome<descriptor> file_with(std::string_view text) {
    descriptor file{::memfd_create("gestvenv-input", MFD_CLOEXEC)};
    if (!file)
        return system_failure(errno, "cannot create a memory file for a command's input");
    while (!text.empty()) {
        auto written = ::write(file.get(), text.data(), text.size());
        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0)
            return system_failure(errno, "cannot keep a command's input in memory");
        text.remove_prefix(static_cast<std::size_t>(written));
    }
    if (::lseek(file.get(), 0, SEEK_SET) < 0)
        return system_failure(errno, "cannot keep a command's input in memory");
    return file;
}

struct request {
    start what;
    std::vector<descriptor> attached;
};

outcome<request> request_for(command_spec command) {
    auto own = descriptors_for(command);
    if (!own)
        return failure(own.error());
    if (!command.standard_input.empty()) {
        auto input = file_with(command.standard_input);
        if (!input)
            return failure(input.error());
        own->streams[0] = std::move(*input);
        command.standard_input.clear();
    }
    request result;
    result.what.program_version = program_version;
    for (std::size_t i = 0; i < own->streams.size(); ++i)
        if (auto& stream = own->streams.at(i)) {
            result.what.streams = static_cast<std::uint8_t>(result.what.streams | (1U << i));
            result.attached.push_back(std::move(stream));
        }
    if (own->terminal)
        result.attached.push_back(std::move(own->terminal));
    std::move(own->passed.begin(), own->passed.end(), std::back_inserter(result.attached));
    if (auto noted = terminal_to_have_restored(); noted && command.terminal) {
        auto device = copy_of_descriptor(noted->device);
        if (!device)
            return failure(device.error());
        result.attached.push_back(std::move(*device));
        result.what.restored_modes.assign(reinterpret_cast<const char*>(&noted->modes), sizeof noted->modes);
    }
    result.what.command = std::move(command);
    return result;
}

class command_connection final : public connection, public command_receiver {
public:
    command_connection(std::shared_ptr<event_loop> loop, descriptor socket, std::size_t largest_frame,
                       output_receiver receiver, execution_client::callback done)
        : connection(std::move(loop), frame_socket{std::move(socket), largest_frame, 0}),
          receiver_(std::move(receiver)), done_(std::move(done)) {}
    ~command_connection() override {
        finish(failure(error_code::shutting_down, "the client of the node has ended"));
    }

    void begin(request first) {
        if (receiver_.sink)
            receiver_.sink->on_room([weak = std::weak_ptr{self()}] {
                if (auto living = weak.lock())
                    living->loop()->post([living] { living->go_on(); });
            });
        open();
        send(kind::start, std::move(first.what), std::move(first.attached));
        if (receiver_.link && is_open())
            receiver_.link->begin(std::weak_ptr<command_receiver>{self()}, 0);
    }

    void signal(protocol::signal order) override {
        loop()->post([self = self(), order] {
            if (self->waiting() < most_waiting)
                self->send(kind::signal, execution::signal{order.number, order.target, order.foreground});
        });
    }
    void kill(std::uint64_t, std::chrono::milliseconds grace) override {
        loop()->post([self = self(), grace] { self->send(kind::kill, execution::kill{grace}); });
    }

protected:
    outcome<void> take(frame_socket::frame what) override;
    void late() override {}
    void ended(const error* why) override {
        finish(failure(why != nullptr
                           ? *why
                           : error{error_code::node_unreachable,
                                   "the node has closed the connection of a command that was running",
                                   {},
                                   "gestvenv node status says whether it is there; one that ends takes its "
                                   "environments with it"}));
    }

private:
    std::shared_ptr<command_connection> self() {
        return std::static_pointer_cast<command_connection>(shared_from_this());
    }
    void finish(outcome<operation_result> result) {
        if (receiver_.link)
            receiver_.link->end();
        if (auto done = std::exchange(done_, nullptr))
            done(std::move(result));
    }
    outcome<void> unreadable() const {
        return failure(error_code::node_unreachable,
                       "the node sent something that is no answer about a command",
                       "it may be of another version; end it with: gestvenv node stop");
    }

    output_receiver receiver_;
    execution_client::callback done_;
};

outcome<void> command_connection::take(frame_socket::frame what) {
    switch (what.what) {
    case kind::output: {
        auto piece = wire::from_bytes<output>(what.body);
        if (!piece)
            return unreadable();
        const auto which = piece->of_error ? output_stream::standard_error : output_stream::standard_output;
        if (receiver_.sink && !receiver_.sink->take(which, piece->bytes))
            pause();
        return {};
    }
    case kind::stopped: {
        auto stop = wire::from_bytes<stopped>(what.body);
        if (!stop)
            return unreadable();
        if (receiver_.link)
            receiver_.link->stopped(stop->number);
        return {};
    }
    case kind::ended: {
        auto result = wire::from_bytes<operation_result>(what.body);
        if (!result)
            return unreadable();
        close();
        finish(std::move(*result));
        return {};
    }
    case kind::failed: {
        auto why = wire::from_bytes<error>(what.body);
        if (!why)
            return unreadable();
        close();
        finish(failure(std::move(*why)));
        return {};
    }
    default:
        return unreadable();
    }
}

} // namespace

outcome<std::unique_ptr<execution_client>> execution_client::start() {
    auto events = reactor::start();
    if (!events)
        return failure(events.error());
    return std::unique_ptr<execution_client>{
        new execution_client{std::make_shared<event_loop>(std::move(*events))}};
}

execution_client::~execution_client() {
    loop_->end();
}

void execution_client::execute(descriptor socket, command_spec command, output_receiver receiver, bool stays,
                               callback done) {
    const auto largest = largest_answer(command);
    auto first = request_for(std::move(command));
    if (!first) {
        if (receiver.link)
            receiver.link->end();
        return done(failure(first.error()));
    }
    first->what.hears_output = receiver.sink != nullptr;
    first->what.stays = stays;
    auto carried = std::make_shared<command_connection>(loop_, std::move(socket), largest,
                                                        std::move(receiver), std::move(done));
    auto kept = std::make_shared<request>(std::move(*first));
    loop_->post([carried, kept] { carried->begin(std::move(*kept)); });
}

} // namespace gestvenv::execution
