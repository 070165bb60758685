// SPDX-License-Identifier: MIT
#include "net/terminal/terminal_session.hpp"

#include "messages/json.hpp"
#include "net/node/node_services.hpp"
#include "net/terminal/terminal_control.hpp"

#include <nlohmann/json.hpp>

#include <string>
#include <utility>
#include <variant>

namespace gestvenv::terminal {

namespace {

// RFC 6455, section 7.4.1.
constexpr std::uint16_t normal_closure = 1000;
constexpr std::uint16_t internal_error = 1011;

std::string text_of(const nlohmann::json& value) {
    return value.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

} // namespace

/// All of it happens on the terminals' thread. Others post to it.
class terminal_session final : public terminal_viewer, public std::enable_shared_from_this<terminal_session> {
public:
    terminal_session(std::shared_ptr<execution::event_loop> loop, std::shared_ptr<terminal_command> command)
        : loop_(std::move(loop)), command_(std::move(command)) {}

    void start(std::shared_ptr<http::web_socket> client) {
        client_ = std::move(client);
        // Set before messages are read. What they hold, this session, is let go of with the connection.
        client_->on_message([self = shared_from_this()](std::string message, bool binary) {
            self->post([self, binary, kept = std::move(message)] { self->heard(kept, binary); });
        });
        client_->on_gone([self = shared_from_this()] { self->post([self] { self->client_gone(); }); });
        client_->start();
        command_->start(weak_from_this());
    }

    void begun(const operation_info& info) override { tell({{"operation", info.id}}); }
    bool show(std::string_view output) override {
        send(std::string{output}, true);
        return !full_;
    }
    void stopped(int signal) override { tell({{"stopped", signal_name(signal)}}); }
    void has_room() override {
        if (std::exchange(waits_, false))
            client_->more();
    }
    void ended(const operation_result& result) override {
        tell({{"exit", to_json_value(result)}});
        close(normal_closure, "the command has ended");
    }
    void failed(const error& problem) override {
        tell({{"problem", to_json_value(problem)}});
        close(internal_error, to_string(problem.code));
    }

private:
    void post(std::function<void()> task) { loop_->post(std::move(task)); }

    void send(std::string message, bool binary) {
        if (gone_ || client_->send(std::move(message), binary) || full_)
            return;
        full_ = true;
        client_->on_room([self = shared_from_this()] {
            self->post([self] {
                self->full_ = false;
                self->command_->go_on();
            });
        });
    }

    void tell(const nlohmann::json& message) { send(text_of(message), false); }

    void heard(const std::string& message, bool binary) {
        if (gone_ || command_->has_ended())
            return client_->more();
        if (binary)
            command_->type(message);
        else
            control_by(message);
        waits_ = !command_->has_room();
        if (!waits_)
            client_->more();
    }

    void control_by(const std::string& message) {
        auto wish = parse_control(message);
        if (!wish)
            return tell({{"refused", to_json_value(wish.error())}});
        if (const auto* size = std::get_if<window_size>(&*wish)) {
            if (auto resized = command_->resize(*size); !resized)
                tell({{"refused", to_json_value(resized.error())}});
            return;
        }
        command_->signal(std::get<terminal_signal>(*wish).number);
    }

    void client_gone() {
        if (std::exchange(gone_, true))
            return;
        command_->hang_up();
        client_->on_message(nullptr);
    }

    void close(std::uint16_t code, std::string_view reason) {
        if (gone_)
            return;
        client_->on_message(nullptr); // it holds this
        client_->close(code, reason);
    }

    std::shared_ptr<execution::event_loop> loop_;
    std::shared_ptr<terminal_command> command_;
    std::shared_ptr<http::web_socket> client_;
    bool full_ = false;
    /// The client's next message is to be read when there is room.
    bool waits_ = false;
    bool gone_ = false;
};

outcome<std::shared_ptr<terminal_session>> open_session(node_services& node, terminal_request wish) {
    auto loop = node.terminals.loop();
    if (!loop)
        return failure(std::move(loop).error());
    auto command = terminal_command::open(node, *loop, std::move(wish));
    if (!command)
        return failure(std::move(command).error());
    return std::make_shared<terminal_session>(std::move(*loop), std::move(*command));
}

void start_session(const std::shared_ptr<terminal_session>& session,
                   std::shared_ptr<http::web_socket> client) {
    session->start(std::move(client));
}

} // namespace gestvenv::terminal
