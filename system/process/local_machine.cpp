// SPDX-License-Identifier: MIT
#include "system/process/local_machine.hpp"

#include "system/posix/process_handle.hpp"
#include "system/process/outbox.hpp"

#include <chrono>
#include <condition_variable>
#include <utility>

namespace gestvenv {

namespace {

error lost_launcher() {
    return {error_code::launcher_crashed, "the launcher has ended, and every environment with it", {}, {}};
}

} // namespace

struct local_machine::launcher_link {
    /// Under the machine's lock, as everything that sends.
    launcher_link(channel connection, reactor& events)
        : waiting(std::move(connection), [this, &events](std::uint64_t request, const error& why) {
              auto found = replies.find(request);
              if (found == replies.end())
                  return;
              events.post([taken = std::move(found->second), why] { taken(failure(why)); });
              replies.erase(found);
          }) {}

    outbox waiting;
    std::uint64_t next_request = 1;
    std::map<std::uint64_t, reply> replies;
    bool closed = false;
    /// Signalled when `closed` is set.
    std::condition_variable ended;
};

local_machine::local_machine(launcher_start_options options, std::function<void()> lost)
    : options_(std::move(options)), lost_(std::move(lost)) {}

outcome<std::unique_ptr<local_machine>> local_machine::begin_start(launcher_start_options options,
                                                                   std::function<void()> lost) {
    std::unique_ptr<local_machine> result{new local_machine{std::move(options), std::move(lost)}};
    auto begun = starting_launcher::begin(result->options_);
    if (!begun)
        return failure(begun.error());
    result->starting_ = std::move(*begun);
    auto events = reactor::start();
    if (!events)
        return failure(events.error());
    result->events_ = std::move(*events);
    return result;
}

outcome<void> local_machine::finish_start() {
    auto connection = std::move(*starting_).finish();
    if (!connection)
        return failure(connection.error());
    auto connected = connect(std::move(*connection));
    std::scoped_lock lock{mutex_};
    starting_.reset();
    return connected;
}

outcome<std::unique_ptr<local_machine>> local_machine::start(launcher_start_options options,
                                                             std::function<void()> lost) {
    auto result = begin_start(std::move(options), std::move(lost));
    if (result)
        if (auto ready = (*result)->finish_start(); !ready)
            return failure(ready.error());
    return result;
}

local_machine::~local_machine() {
    end_launcher();
    events_.reset();
}

void local_machine::begin_end() {
    std::scoped_lock lock{mutex_};
    if (std::exchange(closing_, true) || !launcher_ || launcher_->closed)
        return;
    // That it is closed is what is waited for anyway.
    (void)launcher_->waiting.send(protocol::encode(protocol::kind::quit, 0));
}

void local_machine::end_launcher() {
    begin_end();
    std::unique_lock lock{mutex_};
    if (auto link = launcher_)
        link->ended.wait_for(lock, farewell_limit, [&] { return link->closed; });
}

void local_machine::outlive_launcher() {
    pid_t pid = -1;
    {
        std::scoped_lock lock{mutex_};
        if (launcher_ && !launcher_->closed)
            pid = static_cast<pid_t>(greeting_.launcher_pid);
    }
    // Before it is asked: its number is another's as soon as it has ended and been waited for.
    auto process = pid > 0 ? open_process(pid) : outcome<process_handle>{process_handle{}};
    begin_end();
    if (!process || process->watched() < 0 || !has_ended(*process, farewell_limit))
        end_launcher();
}

outcome<void> local_machine::connect(launcher_connection connection) {
    auto link = std::make_shared<launcher_link>(std::move(connection.connection), *events_);
    std::scoped_lock lock{mutex_};
    for (const auto& [number, layout] : layouts_)
        if (auto sent = link->waiting.send(
                protocol::encode(protocol::kind::set_layout, 0, protocol::set_layout{number, layout}));
            !sent)
            return failure(sent.error());
    if (auto watched = link->waiting.watch(*events_, [this, link](std::uint32_t) { read_launcher(link); });
        !watched)
        return failure(watched.error());
    launcher_ = std::move(link);
    greeting_ = std::move(connection.greeting);
    return {};
}

bool local_machine::launcher_is_lost() const {
    std::scoped_lock lock{mutex_};
    return !closing_ && !starting_ && (!launcher_ || launcher_->closed);
}

outcome<void> local_machine::restart() {
    {
        std::scoped_lock lock{mutex_};
        if (closing_)
            return failure(error_code::shutting_down, "the machine is being ended");
    }
    return start_launcher(options_).and_then(
        [this](launcher_connection started) { return connect(std::move(started)); });
}

protocol::greeting local_machine::greeting() const {
    std::scoped_lock lock{mutex_};
    return greeting_;
}

template <class Answer, class Body>
void local_machine::ask(protocol::kind what, protocol::kind expected, Body body,
                        std::function<void(outcome<Answer>, channel::message)> done) {
    reply taken = [expected, done = std::move(done)](outcome<channel::message> message) {
        if (!message)
            return done(failure(message.error()), {});
        std::string_view bytes = message->bytes;
        auto head = protocol::take_header(bytes);
        if (head && head->what == protocol::kind::refused)
            if (auto refusal = wire::from_bytes<protocol::refused>(bytes))
                return done(failure(refusal->reason), {});
        auto answer = head && head->what == expected ? wire::from_bytes<Answer>(bytes) : std::nullopt;
        if (!answer)
            return done(
                failure(error_code::system_failure, "the launcher gave an answer that cannot be read"), {});
        done(std::move(*answer), std::move(*message));
    };
    outcome<void> sent;
    {
        std::scoped_lock lock{mutex_};
        if (!launcher_ || launcher_->closed) {
            sent = failure(lost_launcher());
        } else {
            auto number = launcher_->next_request++;
            sent = launcher_->waiting.send(protocol::encode(what, number, std::move(body)));
            if (!sent && sent.error().code == error_code::environment_gone)
                sent = failure(lost_launcher()); // the reactor will find it out too
            if (sent)
                launcher_->replies.emplace(number, taken);
        }
    }
    if (!sent)
        events_->post([taken, reason = sent.error()] { taken(failure(reason)); });
}

void local_machine::read_launcher(const std::shared_ptr<launcher_link>& link) {
    for (;;) {
        channel::message message;
        reply taken;
        {
            std::scoped_lock lock{mutex_};
            if (link->closed)
                return;
            outcome<channel::status> got = channel::status::closed;
            if (link->waiting.flush())
                got = link->waiting.receive(message);
            if (got && *got == channel::status::would_block)
                return;
            if (got && *got == channel::status::ok) {
                std::string_view bytes = message.bytes;
                auto head = protocol::take_header(bytes);
                auto found = head ? link->replies.find(head->request) : link->replies.end();
                if (found == link->replies.end())
                    continue;
                taken = std::move(found->second);
                link->replies.erase(found);
            }
        }
        if (!taken)
            return lose_launcher(link);
        if (message.incomplete)
            taken(failure(std::move(*message.incomplete)));
        else
            taken(std::move(message));
    }
}

void local_machine::lose_launcher(const std::shared_ptr<launcher_link>& link) {
    std::map<std::uint64_t, reply> replies;
    std::map<std::string, std::shared_ptr<keeper_link>> keepers;
    bool expected = false;
    {
        std::scoped_lock lock{mutex_};
        link->closed = true;
        link->waiting.close();
        replies.swap(link->replies);
        keepers.swap(keepers_);
        expected = closing_;
    }
    for (auto& [id, keeper] : keepers)
        keeper->close();
    for (auto& [number, taken] : replies)
        taken(failure(lost_launcher()));
    if (!expected && lost_)
        lost_();
    std::scoped_lock lock{mutex_};
    link->ended.notify_all();
}

void local_machine::set_layout(std::uint64_t number, const python::venv_layout& layout) {
    std::scoped_lock lock{mutex_};
    layouts_.insert_or_assign(number, layout);
    // A launcher that is gone gets it at the restart; creations fail until then.
    if (launcher_ && !launcher_->closed)
        (void)launcher_->waiting.send(
            protocol::encode(protocol::kind::set_layout, 0, protocol::set_layout{number, layout}));
}

void local_machine::create(protocol::create request, callback<protocol::created> done) {
    ask<protocol::created>(protocol::kind::create, protocol::kind::created, std::move(request),
                           [done = std::move(done)](outcome<protocol::created> answer, channel::message) {
                               done(std::move(answer));
                           });
}

void local_machine::start_keeper(protocol::start_keeper request, callback<protocol::keeper_started> done) {
    auto id = request.environment_id;
    ask<protocol::keeper_started>(
        protocol::kind::start_keeper, protocol::kind::keeper_started, std::move(request),
        [this, id, done = std::move(done)](outcome<protocol::keeper_started> answer,
                                           channel::message message) {
            if (!answer)
                return done(std::move(answer));
            if (message.descriptors.size() != 1)
                return done(
                    failure(error_code::system_failure, "the launcher gave no connection to the keeper"));
            auto link = keeper_link::open(*events_, channel{std::move(message.descriptors.front())});
            if (!link)
                return done(failure(link.error()));
            {
                std::scoped_lock lock{mutex_};
                keepers_.insert_or_assign(id, std::move(*link));
                if (launcher_ && !launcher_->closed) // a launcher that is gone needs no word of it
                    (void)launcher_->waiting.send(
                        protocol::encode(protocol::kind::keeper_taken, 0, protocol::keeper_taken{id}));
            }
            done(std::move(answer));
        });
}

std::shared_ptr<keeper_link> local_machine::find_keeper(const std::string& environment_id) const {
    std::scoped_lock lock{mutex_};
    auto found = keepers_.find(environment_id);
    return found == keepers_.end() ? nullptr : found->second;
}

void local_machine::forget_keeper(const std::string& environment_id) {
    std::shared_ptr<keeper_link> link;
    {
        std::scoped_lock lock{mutex_};
        auto found = keepers_.find(environment_id);
        if (found == keepers_.end())
            return;
        link = std::move(found->second);
        keepers_.erase(found);
    }
    link->close();
}

void local_machine::run(const std::string& environment_id, process_request request,
                        callback<operation_result> done) {
    if (auto keeper = find_keeper(environment_id))
        return keeper->run(std::move(request), std::move(done));
    events_->post([done = std::move(done)] {
        done(failure(error_code::environment_gone, "the environment has no keeper any more"));
    });
}

void local_machine::kill(const std::string& environment_id, std::uint64_t command,
                         std::chrono::milliseconds grace) {
    if (auto keeper = find_keeper(environment_id))
        keeper->kill(command, grace);
}

void local_machine::sample(std::vector<std::string> environment_ids,
                           callback<std::vector<usage_reading>> done) {
    ask<protocol::sampled>(
        protocol::kind::sample, protocol::kind::sampled, protocol::sample{std::move(environment_ids)},
        [done = std::move(done)](outcome<protocol::sampled> answer, channel::message) {
            done(answer.map([](protocol::sampled& all) { return std::move(all.readings); }));
        });
}

void local_machine::list_processes(protocol::list_processes request, callback<protocol::listed> done) {
    ask<protocol::listed>(protocol::kind::list_processes, protocol::kind::listed, std::move(request),
                          [done = std::move(done)](outcome<protocol::listed> answer, channel::message) {
                              done(std::move(answer));
                          });
}

void local_machine::end(protocol::end request, callback<protocol::ended> done) {
    auto id = request.environment_id;
    ask<protocol::ended>(
        protocol::kind::end, protocol::kind::ended, std::move(request),
        [this, id, done = std::move(done)](outcome<protocol::ended> answer, channel::message) {
            forget_keeper(id);
            done(std::move(answer));
        });
}

void local_machine::undo(protocol::undo request, callback<protocol::ended> done) {
    ask<protocol::ended>(protocol::kind::undo, protocol::kind::undone, std::move(request),
                         [done = std::move(done)](outcome<protocol::ended> answer, channel::message) {
                             done(std::move(answer));
                         });
}

} // namespace gestvenv
