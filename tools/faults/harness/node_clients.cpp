// SPDX-License-Identifier: MIT
#include "tools/faults/harness/node_clients.hpp"

#include "tools/faults/harness/node_connection.hpp"
#include "tools/faults/harness/program_start.hpp"

#include <fmt/format.h>

#include <sys/wait.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <fstream>
#include <poll.h>
#include <unistd.h>

namespace gestvenv::faults {

namespace {

using clock = std::chrono::steady_clock;

constexpr unsigned longest_life = 100;
constexpr std::string_view environments = "/api/v1/ephemeral/environments";

struct answer {
    int status = 0; ///< 0: the connection was lost
    std::string head;
    std::string body;
};

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
    answer read_answer(const node_connection& from, std::string_view what) {
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
            case node_connection::got::bytes:
                break;
            case node_connection::got::nothing:
                find(fmt::format("no answer within {} s to {}", node_patience.count(), what));
                return {};
            case node_connection::got::end:
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
        const node_connection node{scene_.socket};
        const auto what = fmt::format("{} {}", method, path);
        if (!node.is_open()) {
            if (scene_.undisturbed)
                find("the node cannot be reached for " + what);
            return {};
        }
        node.send(request_text(method, path, body));
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
    void read_to_the_end(const node_connection& from, std::string_view what) {
        std::string seen;
        const auto until = clock::now() + 2 * node_patience;
        for (;;) {
            seen.clear();
            switch (from.read_some(seen)) {
            case node_connection::got::end:
                return;
            case node_connection::got::bytes:
            case node_connection::got::nothing:
                break;
            }
            if (clock::now() > until)
                return find(fmt::format("{} did not end with the node", what));
        }
    }

    void await_end_unread(const node_connection& from, std::string_view what) {
        pollfd watched{from.number(), POLLRDHUP, 0};
        const auto limit = std::chrono::duration_cast<std::chrono::milliseconds>(2 * node_patience);
        if (::poll(&watched, 1, static_cast<int>(limit.count())) <= 0)
            find(fmt::format("{} did not end with the node", what));
    }

    void stream() {
        const node_connection node{scene_.socket};
        if (!node.is_open())
            return;
        node.send(request_text("GET", "/api/v1/events", {}, "text/event-stream"));
        read_to_the_end(node, "a stream of events");
    }

    void stop_reading() {
        if (!create(name('s')))
            return;
        const node_connection node{scene_.socket};
        if (!node.is_open())
            return;
        node.send(request_text("POST", path(name('s'), "/execute"),
                               R"({"text": "head -c 300000000 /dev/zero"})", "text/event-stream"));
        std::string first;
        (void)node.read_some(first);
        await_end_unread(node, "an output that is not read");
    }

    void half_close() {
        if (!create(name('h')))
            return;
        const node_connection node{scene_.socket};
        if (!node.is_open())
            return;
        node.send(request_text("POST", path(name('h'), "/execute"), R"({"text": "sleep 0.05"})"));
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
                const node_connection node{scene_.socket};
                if (!node.is_open())
                    return;
                node.send(bytes);
                node.end_writing();
                if (round % 2 == 0)
                    read_to_the_end(node, "nonsense");
            }
    }

    void hold() {
        const node_connection node{scene_.socket};
        if (!node.is_open())
            return;
        node.send(request_text("POST", fmt::format("{}?hold=true", environments),
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
        const auto said = words_of(scene_);
        std::error_code absent;
        std::filesystem::remove(said, absent);
        const auto pid = start_program(words, scene_.variables, said);
        int status = 0;
        while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) {
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

} // namespace gestvenv::faults
