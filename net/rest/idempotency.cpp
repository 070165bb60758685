// SPDX-License-Identifier: MIT
#include "net/rest/idempotency.hpp"

#include "net/rest/problem.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace gestvenv::rest {

namespace {

using clock = std::chrono::steady_clock;

std::string fingerprint_of(const http::request& request) {
    return fmt::format("{} {}\n{}", request.method, request.target, request.body);
}

} // namespace

struct idempotency::table : std::enable_shared_from_this<table> {
    struct entry {
        std::string fingerprint;
        clock::time_point began;
        bool answered = false;
        http::response answer;
        std::vector<std::shared_ptr<http::exchange>> waiting;
    };

    std::mutex mutex;
    std::map<std::string, entry> entries;
    std::deque<std::string> order;
    std::size_t bytes = 0;

    void forget_old() {
        const auto now = clock::now();
        while (!order.empty()) {
            auto found = entries.find(order.front());
            const bool goes = found == entries.end() || now - found->second.began >= kept_for ||
                              (found->second.answered && (entries.size() > most_keys || bytes > most_bytes));
            if (!goes)
                return;
            if (found != entries.end()) {
                bytes -= size_of(found->second);
                entries.erase(found);
            }
            order.pop_front();
        }
    }

    static std::size_t size_of(const entry& one) { return one.fingerprint.size() + one.answer.body.size(); }

    void answered(const std::string& key, const http::response& whole) {
        std::vector<std::shared_ptr<http::exchange>> waiting;
        {
            std::scoped_lock lock{mutex};
            auto found = entries.find(key);
            if (found == entries.end())
                return;
            waiting = std::move(found->second.waiting);
            // What may succeed at another attempt is not kept: limits, ends, faults of the node.
            if (whole.status == 429 || whole.status >= 500 || whole.body.size() > largest_answer ||
                whole.file) {
                bytes -= size_of(found->second);
                entries.erase(found);
            } else {
                found->second.answered = true;
                found->second.answer = whole;
                bytes += whole.body.size();
            }
        }
        for (const auto& one : waiting)
            one->answer(whole);
    }

    /// Begun, and never answered: as the server answers, for all of them.
    void dropped(const std::string& key) {
        std::vector<std::shared_ptr<http::exchange>> waiting;
        std::scoped_lock lock{mutex};
        auto found = entries.find(key);
        if (found == entries.end() || found->second.answered)
            return;
        waiting = std::move(found->second.waiting);
        bytes -= size_of(found->second);
        entries.erase(found);
    }
};

namespace {

/// Keeps what it is answered with. A streamed answer is not kept: its key is free again.
template <class Table>
class keeping_exchange final : public http::exchange {
public:
    keeping_exchange(std::shared_ptr<Table> keeps, std::string key, std::shared_ptr<http::exchange> inner)
        : keeps_(std::move(keeps)), key_(std::move(key)), inner_(std::move(inner)) {}
    ~keeping_exchange() override { keeps_->dropped(key_); }

    const http::request& asked() const noexcept override { return inner_->asked(); }
    void answer(http::response whole) override {
        keeps_->answered(key_, whole);
        inner_->answer(std::move(whole));
    }
    std::shared_ptr<http::body_stream> begin(http::response head) override {
        keeps_->dropped(key_);
        return inner_->begin(std::move(head));
    }
    // The first of its key goes on without its client: the next of that key gets the answer.
    void on_gone(std::function<void()> /*hear*/) override {}
    void upgrade(std::string_view protocol, std::function<void(descriptor)> taken) override {
        keeps_->dropped(key_);
        inner_->upgrade(protocol, std::move(taken));
    }
    void open_web_socket(std::function<void(std::shared_ptr<http::web_socket>)> opened) override {
        keeps_->dropped(key_);
        inner_->open_web_socket(std::move(opened));
    }

private:
    std::shared_ptr<Table> keeps_;
    std::string key_;
    std::shared_ptr<http::exchange> inner_;
};

} // namespace

idempotency::idempotency() : table_(std::make_shared<table>()) {}
idempotency::~idempotency() = default;

std::shared_ptr<http::exchange> idempotency::begin(const std::string& principal,
                                                   const std::shared_ptr<http::exchange>& what) {
    const auto* given = what->asked().headers.find("Idempotency-Key");
    if (given == nullptr)
        return what;
    const bool is_visible =
        std::all_of(given->begin(), given->end(), [](char byte) { return byte >= '!' && byte <= '~'; });
    if (given->empty() || given->size() > longest_key || !is_visible) {
        what->answer(
            problem(error{error_code::invalid_argument,
                          fmt::format("an Idempotency-Key has 1 to {} visible ASCII characters", longest_key),
                          {},
                          {}}));
        return nullptr;
    }
    const auto key = principal + "\n" + *given;
    auto fingerprint = fingerprint_of(what->asked());
    http::response known;
    {
        std::scoped_lock lock{table_->mutex};
        table_->forget_old();
        auto [found, is_new] = table_->entries.try_emplace(key);
        auto& entry = found->second;
        if (is_new) {
            if (table_->entries.size() > most_keys || table_->bytes > most_bytes) {
                table_->entries.erase(found);
                what->answer(problem(error{error_code::resources_exhausted,
                                           "too many requests with an Idempotency-Key are under way",
                                           {},
                                           "try again"}));
                return nullptr;
            }
            entry.fingerprint = std::move(fingerprint);
            entry.began = clock::now();
            table_->bytes += entry.fingerprint.size();
            table_->order.push_back(key);
            return std::make_shared<keeping_exchange<table>>(table_, key, what);
        }
        if (entry.fingerprint != fingerprint) {
            what->answer(problem(error{error_code::request_conflict,
                                       "this Idempotency-Key was used for another request",
                                       {},
                                       "use a new key for each request"}));
            return nullptr;
        }
        if (!entry.answered) {
            entry.waiting.push_back(what);
            return nullptr;
        }
        known = entry.answer;
    }
    known.headers.add("Idempotency-Replayed", "true");
    what->answer(std::move(known));
    return nullptr;
}

} // namespace gestvenv::rest
