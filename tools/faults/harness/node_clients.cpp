// SPDX-License-Identifier: MIT
#include "tools/faults/harness/node_clients.hpp"

#include "system/posix/descriptor.hpp"

#include <fmt/format.h>

#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <sys/wait.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cstring>
#include <fcntl.h>
#include <fstream>
#include <optional>
#include <poll.h>
#include <unistd.h>

namespace gestvenv::faults {

namespace {

using clock = std::chrono::steady_clock;

/// For an answer, and for the end of what ends with the node. Far above what is meant to happen.
constexpr std::chrono::seconds patience{30};
constexpr unsigned longest_life = 100;
constexpr std::string_view environments = "/api/v1/ephemeral/environments";

class connection {
public:
    /// Waits for the node as long as `patience`: clients may be there before it.
    explicit connection(const std::filesystem::path& path) {
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        const auto text = path.string();
        if (text.size() >= sizeof address.sun_path)
            return;
        std::memcpy(address.sun_path, text.data(), text.size());
        socket_ = descriptor{::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)};
        const timeval limit{patience.count(), 0};
        ::setsockopt(socket_.get(), SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
        ::setsockopt(socket_.get(), SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
        if (::connect(socket_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
            socket_.reset();
    }

    bool is_open() const noexcept { return socket_.get() >= 0; }
    int number() const noexcept { return socket_.get(); }

    void send(std::string_view bytes) const {
        while (is_open() && !bytes.empty()) {
            auto sent = ::send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
            if (sent <= 0)
                return; // the answer, or that there is none, tells
            bytes.remove_prefix(static_cast<std::size_t>(sent));
        }
    }

    void end_writing() const { ::shutdown(socket_.get(), SHUT_WR); }

    enum class got { bytes, end, nothing };

    got read_some(std::string& into) const {
        std::array<char, 16384> piece{};
        auto count = ::recv(socket_.get(), piece.data(), piece.size(), 0);
        if (count > 0)
            into.append(piece.data(), static_cast<std::size_t>(count));
        if (count < 0 && errno == EAGAIN)
            return got::nothing;
        return count > 0 ? got::bytes : got::end;
    }

private:
    descriptor socket_;
};

struct answer {
    int status = 0; ///< 0: the connection was lost
    std::string head;
    std::string body;
};

std::string request(std::string_view method, std::string_view path, std::string_view body,
                    std::string_view accept = {}) {
    auto text = fmt::format("{} {} HTTP/1.1\r\nHost: x\r\n", method, path);
    if (!accept.empty())
        text += fmt::format("Accept: {}\r\n", accept);
    if (!body.empty())
        text += fmt::format("Content-Type: application/json\r\nContent-Length: {}\r\n", body.size());
    return text + "\r\n" + std::string{body};
}

std::size_t length_in(std::string_view head) {
    constexpr std::string_view name = "Content-Length: ";
    const auto at = head.find(name);
    std::size_t length = 0;
    if (at != std::string_view::npos)
        std::from_chars(head.data() + at + name.size(), head.data() + head.size(), length);
    return length;
}

class client {
public:
    explicit client(const client_scene& scene) : scene_(scene), findings_(findings_of(scene)) {}

    void live() {
        switch (scene_.kind) {
        case node_client::worker:
            return work();
        case node_client::command_line:
            return use_command_line();
        case node_client::streamer:
            return stream();
        case node_client::stopped_reader:
            return stop_reading();
        case node_client::half_closer:
            return half_close();
        case node_client::babbler:
            return babble();
        case node_client::holder:
            return hold();
        case node_client::owner:
            return own();
        case node_client::canceller:
            return cancel();
        case node_client::token_maker:
            return make_tokens();
        }
    }

private:
    void find(const std::string& what) {
        findings_ << "finding: " << to_string(scene_.kind) << ": " << what << std::endl;
    }

    std::string name(char letter) const { return fmt::format("{}{}", letter, scene_.number); }

    /// Nothing where the connection is lost: the node is gone.
    answer read_answer(const connection& from, std::string_view what) {
        answer result;
        std::string text;
        for (;;) {
            const auto end = text.find("\r\n\r\n");
            if (end != std::string::npos) {
                result.head = text.substr(0, end);
                const auto length = length_in(result.head);
                if (text.size() >= end + 4 + length) {
                    result.body = text.substr(end + 4, length);
                    std::from_chars(text.data() + 9, text.data() + text.size(), result.status);
                    judge(result, what);
                    return result;
                }
            }
            switch (from.read_some(text)) {
            case connection::got::bytes:
                break;
            case connection::got::nothing:
                find(fmt::format("no answer within {} s to {}", patience.count(), what));
                return {};
            case connection::got::end:
                if (scene_.undisturbed)
                    find(fmt::format("the connection was lost at {}", what));
                return {};
            }
        }
    }

    /// A refusal says what, and in which way: RFC 9457.
    void judge(const answer& given, std::string_view what) {
        if (given.status >= 400 && (given.head.find("application/problem+json") == std::string::npos ||
                                    given.body.find("\"detail\"") == std::string::npos))
            find(fmt::format("{} was refused without a problem document: {}", what, given.head));
        if (scene_.undisturbed && given.status >= 400)
            find(fmt::format("{} was refused without a fault: {} {}", what, given.status, given.body));
    }

    answer ask(std::string_view method, const std::string& path, const std::string& body = {}) {
        const connection node{scene_.socket};
        const auto what = fmt::format("{} {}", method, path);
        if (!node.is_open()) {
            if (scene_.undisturbed)
                find("the node cannot be reached for " + what);
            return {};
        }
        node.send(request(method, path, body));
        return read_answer(node, what);
    }

    bool create(const std::string& name) {
        return ask("POST", std::string{environments}, fmt::format(R"({{"name": "{}", "ttl": 120}})", name))
                   .status == 201;
    }

    std::string path(const std::string& name, std::string_view what = {}) const {
        return fmt::format("{}/{}{}", environments, name, what);
    }

    void work() {
        for (int round = 0; round < 3; ++round) {
            if (!create(name('w')))
                return;
            const auto done = ask("POST", path(name('w'), "/execute"), R"({"text": "echo well"})");
            if (done.status == 200 && scene_.undisturbed && done.body.find("well") == std::string::npos)
                find("a command's output is missing: " + done.body);
            (void)ask("DELETE", path(name('w'), "?force=true"));
        }
    }

    /// Ends with the node.
    void read_to_the_end(const connection& from, std::string_view what) {
        std::string seen;
        const auto until = clock::now() + 2 * patience;
        for (;;) {
            seen.clear();
            switch (from.read_some(seen)) {
            case connection::got::end:
                return;
            case connection::got::bytes:
            case connection::got::nothing:
                break;
            }
            if (clock::now() > until)
                return find(fmt::format("{} did not end with the node", what));
        }
    }

    void await_end_unread(const connection& from, std::string_view what) {
        pollfd watched{from.number(), POLLRDHUP, 0};
        const auto limit = std::chrono::duration_cast<std::chrono::milliseconds>(2 * patience);
        if (::poll(&watched, 1, static_cast<int>(limit.count())) <= 0)
            find(fmt::format("{} did not end with the node", what));
    }

    void stream() {
        const connection node{scene_.socket};
        if (!node.is_open())
            return;
        node.send(request("GET", "/api/v1/events", {}, "text/event-stream"));
        read_to_the_end(node, "a stream of events");
    }

    void stop_reading() {
        if (!create(name('s')))
            return;
        const connection node{scene_.socket};
        if (!node.is_open())
            return;
        node.send(request("POST", path(name('s'), "/execute"), R"({"text": "head -c 300000000 /dev/zero"})",
                          "text/event-stream"));
        std::string first;
        (void)node.read_some(first);
        await_end_unread(node, "an output that is not read");
    }

    void half_close() {
        if (!create(name('h')))
            return;
        const connection node{scene_.socket};
        if (!node.is_open())
            return;
        node.send(request("POST", path(name('h'), "/execute"), R"({"text": "sleep 0.05"})"));
        node.end_writing();
        (void)read_answer(node, "a half-closed request");
    }

    void babble() {
        static constexpr std::array<std::string_view, 6> nonsense{
            "\x16\x03\x01\x02\x00\x01",
            "GET / HTTP/9.9\r\n\r\n",
            "POST /api/v1/ephemeral/environments HTTP/1.1\r\n",
            "\r\n\r\n\r\n\0\0\0",
            "GET /%00%ff%2e%2e/ HTTP/1.1\r\nHost: \x80\r\n\r\n",
            "PUT / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"};
        for (int round = 0; round < 4; ++round)
            for (auto bytes : nonsense) {
                const connection node{scene_.socket};
                if (!node.is_open())
                    return;
                node.send(bytes);
                node.end_writing();
                if (round % 2 == 0)
                    read_to_the_end(node, "nonsense");
            }
    }

    void hold() {
        const connection node{scene_.socket};
        if (!node.is_open())
            return;
        node.send(request("POST", fmt::format("{}?hold=true", environments),
                          fmt::format(R"({{"name": "{}", "ttl": 120}})", name('o'))));
        read_to_the_end(node, "a held environment");
    }

    void own() {
        const auto made = ask("POST", fmt::format("{}?owner_pid={}", environments, ::getpid()),
                              fmt::format(R"({{"name": "{}", "ttl": 120}})", name('p')));
        if (made.status == 201 && scene_.number % 2 == 0)
            stream(); // until it is killed, or the node has gone
    }

    void cancel() {
        if (!create(name('c')))
            return;
        const auto begun = ask("POST", path(name('c'), "/execute?wait=false"), R"({"text": "sleep 600"})");
        constexpr std::string_view key = "\"id\":\"";
        const auto at = begun.body.find(key);
        if (begun.status != 202 || at == std::string::npos)
            return;
        const auto id =
            begun.body.substr(at + key.size(), begun.body.find('"', at + key.size()) - at - key.size());
        const auto listed = ask("GET", "/api/v1/operations");
        if (listed.status == 200 && scene_.undisturbed && listed.body.find(id) == std::string::npos)
            find("an operation is not listed");
        (void)ask("DELETE", "/api/v1/operations/" + id);
    }

    /// Its own failures have words, and a status that says so.
    void run(std::vector<std::string> words) {
        words.insert(words.begin(), scene_.program.string());
        auto variables = scene_.variables;
        const auto pointers = [](std::vector<std::string>& texts) {
            std::vector<char*> result;
            for (auto& text : texts)
                result.push_back(text.data());
            result.push_back(nullptr);
            return result;
        };
        const auto arguments = pointers(words);
        const auto environment = pointers(variables);
        const auto said = words_of(scene_);
        std::error_code absent;
        std::filesystem::remove(said, absent);
        const auto pid = ::fork();
        if (pid == 0) {
            ::dup2(::open("/dev/null", O_RDONLY | O_CLOEXEC), STDIN_FILENO);
            ::dup2(::open(said.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600), STDOUT_FILENO);
            ::dup2(STDOUT_FILENO, STDERR_FILENO);
            ::execve(arguments[0], arguments.data(), environment.data());
            ::_exit(91);
        }
        int status = 0;
        while (pid > 0 && ::waitpid(pid, &status, 0) < 0 && errno == EINTR) {
        }
        std::ifstream stream{said};
        const std::string text{std::istreambuf_iterator<char>{stream}, {}};
        const auto what =
            fmt::format("`{} {} {}`", words.at(1), words.at(2), words.size() > 3 ? words.at(3) : "");
        if (WIFSIGNALED(status))
            find(fmt::format("{} ended by signal {}", what, WTERMSIG(status)));
        else if (WEXITSTATUS(status) != 0 && text.find("error:") == std::string::npos)
            find(fmt::format("{} ended with status {} without a word", what, WEXITSTATUS(status)));
        else if (WEXITSTATUS(status) != 0 && scene_.undisturbed)
            find(fmt::format("{} failed without a fault: {}", what, text));
    }

    void use_command_line() {
        run({"ephemeral", "create", name('k'), "--ttl", "120"});
        run({"run", "--env", name('k'), "--", "sh", "-c", "echo well; sleep 0.1"});
        run({"ephemeral", "exec", name('k'), "true"});
        run({"ephemeral", "cleanup", name('k'), "--force"});
    }

    void make_tokens() {
        for (int round = 0; round < 2; ++round) {
            run({"token", "create", name('t')});
            run({"token", "revoke", name('t')});
        }
    }

    const client_scene& scene_;
    std::ofstream findings_;
};

} // namespace

std::filesystem::path findings_of(const client_scene& scene) {
    return scene.folder / fmt::format("findings-{}", scene.number);
}

std::filesystem::path words_of(const client_scene& scene) {
    return scene.folder / fmt::format("words-{}", scene.number);
}

void be_client(const client_scene& scene) {
    ::alarm(longest_life);
    try {
        client{scene}.live();
    } catch (const std::exception& problem) {
        std::ofstream{findings_of(scene), std::ios::app} << "finding: a client failed: " << problem.what()
                                                         << '\n';
    }
    ::_exit(0);
}

std::string ask_node(const std::filesystem::path& socket, std::string_view method, std::string_view path,
                     std::string_view body) {
    const connection node{socket};
    std::string text;
    if (!node.is_open())
        return text;
    node.send(request(method, path, body));
    node.end_writing();
    while (node.read_some(text) == connection::got::bytes) {
    }
    return text;
}

} // namespace gestvenv::faults
