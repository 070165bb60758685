// SPDX-License-Identifier: MIT
#include "net/http/client.hpp"

#include "net/http/client_connection.hpp"
#include "net/http/parser.hpp"
#include "net/http/text.hpp"
#include "system/posix/system_failure.hpp"

#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

namespace gestvenv::http {

namespace {

constexpr std::size_t most_head_bytes = 64 << 10;
constexpr std::size_t most_refusal_bytes = 64 << 10;

deadline after(std::optional<std::chrono::milliseconds> most) {
    if (!most)
        return std::nullopt;
    return wait_clock::now() + *most;
}

std::string head_of(const request& what, const server_address& where, std::uint64_t body_size, bool alive) {
    auto head = what.method + " " + what.target + " HTTP/1.1\r\n";
    if (!what.headers.find("Host"))
        head += "Host: " + (where.socket.empty() ? name_of(where) : std::string{"localhost"}) + "\r\n";
    for (const auto& [name, value] : what.headers.all())
        if (!same_word(name, "Content-Length") && !same_word(name, "Transfer-Encoding"))
            head.append(name).append(": ").append(value).append("\r\n");
    if (body_size > 0 || what.method == "POST" || what.method == "PUT" || what.method == "PATCH")
        head += "Content-Length: " + std::to_string(body_size) + "\r\n";
    if (!alive)
        head += "Connection: close\r\n";
    return head + "\r\n";
}

} // namespace

struct client::implementation {
    server_address where;
    client_deadlines bounds;
    descriptor interrupt;
    client_connection connection;
    std::string rest;

    implementation(server_address to, const client_deadlines& within, descriptor by)
        : where(std::move(to)), bounds(within), interrupt(std::move(by)), connection(where, interrupt.get()) {
    }

    tl::unexpected<error> broken(const std::string& reason) {
        connection.close();
        return unreachable(where, reason);
    }
    template <class T>
    tl::unexpected<error> passed_on(outcome<T>& failed) {
        connection.close();
        return failure(std::move(failed.error()));
    }

    outcome<void> prepare() {
        if (connection.usable() && rest.empty())
            return {};
        rest.clear();
        return connection.open(after(bounds.connect));
    }

    /// False: the server has not taken all of it.
    outcome<bool> send(const request& what) {
        std::uint64_t size = what.body.size();
        struct stat facts {};
        if (what.body_file) {
            if (::fstat(what.body_file->get(), &facts) != 0)
                return system_failure(errno, "cannot read the body of a request");
            size = static_cast<std::uint64_t>(facts.st_size);
        }
        for (const auto& [name, value] : what.headers.all())
            if (!is_token(name) || !is_field_value(value))
                return failure(error_code::invalid_argument, "the field `" + name +
                                                                 "` of a request has a character "
                                                                 "that no field of HTTP may have");
        auto head = head_of(what, where, size, true);
        auto sent = connection.write(head + what.body, after(bounds.piece));
        if (!sent || !*sent || !what.body_file)
            return sent;
        std::string piece(256 << 10, '\0');
        for (std::uint64_t at = 0; at < size;) {
            auto most = std::min<std::uint64_t>(piece.size(), size - at);
            auto bytes = ::pread(what.body_file->get(), piece.data(), most, static_cast<off_t>(at));
            if (bytes < 0 && errno == EINTR)
                continue;
            if (bytes <= 0)
                return system_failure(bytes < 0 ? errno : EIO, "cannot read the body of a request");
            at += static_cast<std::uint64_t>(bytes);
            sent = connection.write({piece.data(), static_cast<std::size_t>(bytes)}, after(bounds.piece));
            if (!sent || !*sent)
                return sent;
        }
        return true;
    }

    /// The head of the answer that is none of 1xx, but for 101.
    outcome<message_head> read_head(message_parser& parser, bool no_body) {
        auto until = after(bounds.answer);
        for (;;) {
            head_scanner scanner;
            std::optional<std::size_t> end;
            for (;;) {
                auto scanned = scanner.scan(rest);
                if (!scanned)
                    return broken("its answer is no HTTP: " + scanned.error().what);
                if ((end = *scanned))
                    break;
                if (rest.size() > most_head_bytes)
                    return broken("the header of its answer is too large");
                auto more = connection.read(rest, until);
                if (!more)
                    return passed_on(more);
                if (!*more)
                    return broken(rest.empty() ? "it has ended the connection without an answer"
                                               : "it has ended the connection within its answer");
            }
            auto head = parser.head(std::string_view{rest}.substr(0, *end), no_body);
            if (!head)
                return broken("its answer is no HTTP: " + head.error().what);
            rest.erase(0, *end);
            if (head->status >= 200 || head->status == 101)
                return std::move(*head);
            parser = message_parser{message_parser::kind::answer};
        }
    }

    /// False: `take` has had enough.
    outcome<bool> read_body(message_parser& parser, const std::function<bool(std::string_view)>& take) {
        bool wanted = true;
        auto taken_on = [&](std::string_view piece) { return wanted = take(piece); };
        while (!parser.complete()) {
            std::size_t done = 0;
            if (!rest.empty()) {
                auto taken = parser.body(rest, taken_on);
                if (!wanted)
                    return false;
                if (!taken)
                    return broken("the body of its answer is malformed: " + taken.error().what);
                done = *taken;
                rest.erase(0, done);
            }
            if (done > 0 || parser.complete())
                continue;
            auto more = connection.read(rest, after(bounds.piece));
            if (!more)
                return passed_on(more);
            if (!*more) {
                if (!parser.end())
                    return broken("it has ended the connection within its answer");
                connection.close();
                return true;
            }
        }
        return true;
    }

    outcome<response> ask(const request& what, const std::function<bool(std::string_view)>& take,
                          const std::function<void(const response&)>& begun) {
        auto ready = prepare();
        if (!ready)
            return failure(std::move(ready.error()));
        auto sent = send(what);
        if (!sent)
            return passed_on(sent);
        message_parser parser{message_parser::kind::answer};
        auto head = read_head(parser, what.method == "HEAD");
        if (!head)
            return failure(std::move(head.error()));
        response answer;
        answer.status = head->status;
        answer.headers = std::move(head->fields);
        if (begun)
            begun(answer);
        auto whole = read_body(parser, take);
        if (!whole)
            return failure(std::move(whole.error()));
        if (!*whole || !*sent || !head->keep_alive)
            connection.close();
        return answer;
    }
};

client::client(std::unique_ptr<implementation> inside) : inside_(std::move(inside)) {}
client::client(client&&) noexcept = default;
client& client::operator=(client&&) noexcept = default;
client::~client() = default;

outcome<client> client::connect(const server_address& where, const client_deadlines& bounds) {
    descriptor interrupt{::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)};
    if (!interrupt)
        return system_failure(errno, "cannot make an eventfd");
    auto inside = std::make_unique<implementation>(where, bounds, std::move(interrupt));
    if (auto opened = inside->prepare(); !opened)
        return failure(std::move(opened.error()));
    return client{std::move(inside)};
}

outcome<response> client::ask(const request& what, std::size_t most_bytes) {
    std::string body;
    bool too_large = false;
    auto answer = inside_->ask(what,
                               [&](std::string_view piece) {
                                   too_large = piece.size() > most_bytes - body.size();
                                   if (!too_large)
                                       body.append(piece);
                                   return !too_large;
                               },
                               {});
    if (too_large)
        return inside_->broken("its answer is larger than " + std::to_string(most_bytes) + " bytes");
    if (answer)
        answer->body = std::move(body);
    return answer;
}

outcome<response> client::ask_streamed(const request& what, const std::function<bool(std::string_view)>& take,
                                       const std::function<void(const response&)>& begun) {
    return inside_->ask(what, take, begun);
}

outcome<descriptor> client::upgrade(const request& what, std::string_view protocol) {
    auto& inside = *inside_;
    if (inside.where.socket.empty())
        return failure(error_code::invalid_argument, "only a connection over a Unix socket can be upgraded");
    auto asked = what;
    asked.headers.add("Connection", "Upgrade");
    asked.headers.add("Upgrade", std::string{protocol});
    if (auto ready = inside.prepare(); !ready)
        return failure(std::move(ready.error()));
    auto sent = inside.send(asked);
    if (!sent)
        return inside.passed_on(sent);
    auto until = after(inside.bounds.answer);
    auto text = inside.connection.read_head_alone(until);
    if (!text)
        return inside.passed_on(text);
    inside.rest = std::move(*text);
    message_parser parser{message_parser::kind::answer};
    auto head = inside.read_head(parser, false);
    if (!head)
        return failure(std::move(head.error()));
    if (head->status == 101) {
        auto socket = inside.connection.release();
        auto flags = ::fcntl(socket.get(), F_GETFL);
        if (flags < 0 || ::fcntl(socket.get(), F_SETFL, flags & ~O_NONBLOCK) != 0)
            return system_failure(errno, "cannot prepare an upgraded connection");
        return socket;
    }
    std::string body;
    auto whole = inside.read_body(parser, [&](std::string_view piece) {
        body.append(piece.substr(0, most_refusal_bytes - body.size()));
        return body.size() < most_refusal_bytes;
    });
    inside.connection.close();
    if (!whole)
        return failure(std::move(whole.error()));
    return failure(error_code::node_unreachable, "the node at " + name_of(inside.where) +
                                                     " refuses to speak " + std::string{protocol} + " (" +
                                                     std::to_string(head->status) + "): " + body);
}

void client::cancel() noexcept {
    static_cast<void>(::eventfd_write(inside_->interrupt.get(), 1));
}

} // namespace gestvenv::http
