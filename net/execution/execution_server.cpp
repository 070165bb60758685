// SPDX-License-Identifier: MIT
#include "net/execution/execution_server.hpp"

#include "net/execution/connection.hpp"
#include "net/execution/messages.hpp"
#include "net/execution/output_forwarder.hpp"
#include "system/posix/terminal_restoration.hpp"
#include "system/process/command_descriptors.hpp"
#include "system/process/command_link.hpp"
#include "system/version.hpp"

#include <algorithm>
#include <bit>
#include <deque>
#include <string>

namespace gestvenv::execution {

namespace {

/// What waits for a client that does not read, besides its output and its result.
constexpr std::size_t most_waiting = std::size_t{1} << 20;
constexpr std::chrono::milliseconds longest_grace = std::chrono::hours{24};

constexpr unsigned stream_bit(std::size_t number) {
    return 1U << number;
}

tl::unexpected<error> malformed(std::string what) {
    return failure(error_code::invalid_argument, "a client sent a malformed command: " + std::move(what));
}

error other_version(const std::string& client) {
    return {error_code::invalid_argument,
            "the node is of version " + std::string{program_version} + " and its client of version " +
                (client.empty() ? "another" : client),
            {},
            "end the node with: gestvenv node stop"};
}

class session final : public connection {
public:
    session(std::shared_ptr<event_loop> loop, descriptor socket, execution_server::begin_function begin,
            execution_server::lose_function lose, execution_server::bounds allowed)
        : connection(std::move(loop), frame_socket{std::move(socket), largest_request, most_descriptors}),
          begin_(std::move(begin)), lose_(std::move(lose)), allowed_(allowed) {}

    void begin() {
        open();
        set_deadline(allowed_.start);
    }

protected:
    outcome<void> take(frame_socket::frame what) override {
        switch (what.what) {
        case kind::start:
            return start_command(what.body);
        case kind::signal:
            return pass_signal(what.body);
        case kind::kill:
            return pass_kill(what.body);
        default:
            return malformed("a message of an unknown kind");
        }
    }
    void sent() override;
    void late() override;
    void ended(const error* why) override;

private:
    std::shared_ptr<session> self() { return std::static_pointer_cast<session>(shared_from_this()); }
    outcome<void> start_command(std::string_view body);
    outcome<output_receiver> receiver_of(start& what);
    outcome<void> pass_signal(std::string_view body);
    outcome<void> pass_kill(std::string_view body);
    std::shared_ptr<output_forwarder> make_forwarder();
    void finish(outcome<operation_result> result);
    void refuse(error why);

    execution_server::begin_function begin_;
    execution_server::lose_function lose_;
    execution_server::bounds allowed_;
    std::shared_ptr<command_link> link_;
    std::shared_ptr<output_forwarder> output_;
    terminal_restoration clients_terminal_;
    /// Of output, in the order in which it was queued, as long as it waits.
    std::size_t output_waiting_ = 0;
    bool stays_ = false;
    bool finished_ = false;
};

outcome<void> session::start_command(std::string_view body) {
    if (link_ || finished_)
        return malformed("a second command");
    // The version first: of another one the rest has no meaning.
    start what;
    wire::reader head{body};
    if (!head.apply(what.protocol_version))
        return malformed("no version");
    std::string client;
    if (!head.apply(client) || what.protocol_version != version || client != program_version) {
        refuse(other_version(client.size() <= 32 ? client : std::string{}));
        return {};
    }
    auto whole = wire::from_bytes<start>(body);
    if (!whole)
        return malformed("it cannot be read");
    auto receiver = receiver_of(*whole);
    if (!receiver)
        return failure(receiver.error());
    set_deadline(std::chrono::milliseconds{0});
    stays_ = whole->stays;
    auto begin = std::exchange(begin_, nullptr);
    // Its watch keeps the session alive, and nothing else: with the server it ends, whatever still runs.
    begin(std::move(whole->command), std::move(*receiver),
          [weak = std::weak_ptr{self()}](outcome<operation_result> result) {
              auto living = weak.lock();
              if (!living)
                  return;
              auto kept = std::make_shared<outcome<operation_result>>(std::move(result));
              living->loop()->post([living, kept] { living->finish(std::move(*kept)); });
          });
    return {};
}

outcome<output_receiver> session::receiver_of(start& what) {
    auto& command = what.command;
    const bool captured = command.streams == stream_mode::capture;
    if (what.streams >= stream_bit(3) || (captured && what.streams > stream_bit(0)))
        return malformed("streams that a command does not have");
    const auto streams = static_cast<std::size_t>(std::popcount(what.streams));
    const bool restores = !what.restored_modes.empty();
    termios modes{};
    if (restores && what.restored_modes.size() != sizeof modes)
        return malformed("modes that no terminal has");
    auto received = take_descriptors();
    if (received.size() !=
        streams + (command.terminal ? 1 : 0) + command.passed_descriptors.size() + (restores ? 1 : 0))
        return malformed("not as many descriptors as it names");
    if (restores) {
        what.restored_modes.copy(reinterpret_cast<char*>(&modes), sizeof modes);
        clients_terminal_ = terminal_restoration{std::move(received.back()), modes};
        received.pop_back();
    }
    auto from = std::make_shared<command_descriptors>();
    auto next = received.begin();
    for (std::size_t i = 0; i < from->streams.size(); ++i)
        if ((what.streams & stream_bit(i)) != 0)
            from->streams.at(i) = std::move(*next++);
    if (command.terminal) {
        from->terminal = std::move(*next++);
        command.terminal->device = from->terminal.get();
    }
    std::move(next, received.end(), std::back_inserter(from->passed));

    link_ = std::make_shared<command_link>();
    link_->on_stop([weak = std::weak_ptr{self()}](int number) {
        auto living = weak.lock();
        if (living)
            living->loop()->post([living, number] {
                if (living->waiting() < most_waiting)
                    living->send(kind::stopped, stopped{number});
            });
    });
    if (what.hears_output)
        output_ = make_forwarder();
    return output_receiver{output_, link_, std::move(from)};
}

std::shared_ptr<output_forwarder> session::make_forwarder() {
    return std::make_shared<output_forwarder>(
        [weak = std::weak_ptr{self()}](output_stream which, std::string piece) {
            auto living = weak.lock();
            if (!living)
                return;
            auto kept =
                std::make_shared<output>(output{which == output_stream::standard_error, std::move(piece)});
            living->loop()->post([living, kept] {
                living->output_waiting_ += kept->bytes.size();
                living->send(kind::output, std::move(*kept));
            });
        });
}

// What has left is output first: a result comes after all of it.
void session::sent() {
    if (!output_)
        return;
    const auto left = std::min(waiting(), output_waiting_);
    output_->sent(output_waiting_ - left);
    output_waiting_ = left;
}

outcome<void> session::pass_signal(std::string_view body) {
    auto order = wire::from_bytes<signal>(body);
    if (!order || !link_ || has_descriptors())
        return malformed("a signal for no command");
    (void)link_->signal({0, order->number, order->target, order->foreground});
    return {};
}

outcome<void> session::pass_kill(std::string_view body) {
    auto order = wire::from_bytes<kill>(body);
    if (!order || !link_ || has_descriptors())
        return malformed("an end of no command");
    (void)link_->kill(std::clamp(order->grace, std::chrono::milliseconds{0}, longest_grace));
    return {};
}

void session::finish(outcome<operation_result> result) {
    finished_ = true;
    clients_terminal_.forget();
    if (!is_open())
        return;
    if (result)
        send(kind::ended, std::move(*result));
    else
        send(kind::failed, result.error());
    if (is_open())
        close_when_sent(allowed_.send);
}

void session::refuse(error why) {
    finished_ = true;
    send(kind::failed, std::move(why));
    if (is_open())
        close_when_sent(allowed_.send);
}

// Nothing was to be started in time, or the result is not taken.
void session::late() {
    if (!finished_ && !link_)
        return refuse({error_code::deadline_exceeded,
                       "the client of a command's channel did not name a command",
                       {},
                       {}});
    close();
}

void session::ended(const error* why) {
    begin_ = nullptr;
    if (output_)
        output_->drop();
    clients_terminal_.restore();
    if (link_ && !finished_ && !stays_)
        lose_(*link_);
    if (why != nullptr && !finished_)
        refuse(*why);
}

} // namespace

outcome<std::unique_ptr<execution_server>> execution_server::start(bounds allowed) {
    auto events = reactor::start();
    if (!events)
        return failure(events.error());
    return std::unique_ptr<execution_server>{
        new execution_server{std::make_shared<event_loop>(std::move(*events)), allowed}};
}

execution_server::~execution_server() {
    loop_->end();
}

void execution_server::serve(descriptor socket, begin_function begin, lose_function lose) {
    auto served =
        std::make_shared<session>(loop_, std::move(socket), std::move(begin), std::move(lose), allowed_);
    loop_->post([served] { served->begin(); });
}

} // namespace gestvenv::execution
