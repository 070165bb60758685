// SPDX-License-Identifier: MIT
#include "system/process/keeper_link.hpp"

namespace gestvenv {

namespace {

error gone() {
    return {error_code::environment_gone,
            "the environment's keeper has ended, and every command with it",
            {},
            "the environment cannot be used any more; create a new one"};
}

} // namespace

// Under the lock, as everything that sends.
keeper_link::keeper_link(reactor& events, channel connection)
    : events_(events), outbox_(std::move(connection), [this](std::uint64_t request, const error& why) {
          auto found = running_.find(request);
          if (found == running_.end())
              return;
          events_.post([command = std::move(found->second), why] { command->failed(why); });
          running_.erase(found);
      }) {}

outcome<std::shared_ptr<keeper_link>> keeper_link::open(reactor& events, channel connection) {
    std::shared_ptr<keeper_link> link{new keeper_link{events, std::move(connection)}};
    std::scoped_lock lock{link->mutex_};
    if (auto watched = link->outbox_.watch(events, [link](std::uint32_t) { link->read(); }); !watched)
        return failure(watched.error());
    return link;
}

void keeper_link::run(process_request request, machine::callback<operation_result> done) {
    std::vector<descriptor> child_ends;
    auto number = request.program.command;
    // Kept apart, so that a request that cannot be sent still gets its answer.
    auto shared_done = std::make_shared<machine::callback<operation_result>>(std::move(done));
    auto command = running_command::make(
        events_, request,
        [shared_done](outcome<operation_result> result) { (*shared_done)(std::move(result)); }, child_ends);
    if (!command)
        return (*shared_done)(failure(command.error()));
    auto link = request.link;
    outcome<void> sent;
    {
        std::scoped_lock lock{mutex_};
        if (closed_) {
            sent = failure(gone());
        } else {
            running_.emplace(number, *command);
            events_.post([command = *command] { command->listen(); });
            sent = outbox_.send(protocol::encode(protocol::kind::run, number, std::move(request.program)),
                                std::move(child_ends));
            if (!sent)
                running_.erase(number);
        }
    }
    if (!sent)
        events_.post([command = *command, reason = sent.error()] { command->failed(reason); });
    else if (link)
        link->begin(weak_from_this(), number);
}

void keeper_link::kill(std::uint64_t command, std::chrono::milliseconds grace) {
    std::scoped_lock lock{mutex_};
    if (!closed_ && running_.contains(command)) // a keeper that is gone has killed it
        (void)outbox_.send(protocol::encode(protocol::kind::kill, 0, protocol::kill{command, grace}));
}

void keeper_link::signal(protocol::signal order) {
    std::scoped_lock lock{mutex_};
    if (!closed_ && running_.contains(order.command)) // with its keeper a command has ended
        (void)outbox_.send(protocol::encode(protocol::kind::signal, 0, order));
}

void keeper_link::read() {
    auto self = shared_from_this();
    for (;;) {
        channel::message message;
        outcome<channel::status> got = channel::status::closed;
        {
            std::scoped_lock lock{mutex_};
            if (closed_)
                return;
            if (!outbox_.flush())
                got = channel::status::closed;
            else
                got = outbox_.receive(message);
        }
        if (!got || *got == channel::status::closed)
            return close();
        if (*got == channel::status::would_block)
            return;
        std::string_view body = message.bytes;
        auto head = protocol::take_header(body);
        if (head && !message.incomplete)
            handle(*head, body);
        else if (auto command = head ? take(head->request) : nullptr)
            command->failed(*message.incomplete);
    }
}

std::shared_ptr<running_command> keeper_link::find(std::uint64_t number) {
    std::scoped_lock lock{mutex_};
    auto found = running_.find(number);
    return found == running_.end() ? nullptr : found->second;
}

std::shared_ptr<running_command> keeper_link::take(std::uint64_t number) {
    std::scoped_lock lock{mutex_};
    auto found = running_.find(number);
    if (found == running_.end())
        return nullptr;
    auto command = std::move(found->second);
    running_.erase(found);
    return command;
}

void keeper_link::handle(const protocol::header& head, std::string_view body) {
    if (head.what == protocol::kind::exited) {
        if (auto report = wire::from_bytes<protocol::exited>(body))
            if (auto command = take(report->command))
                command->ended(*report);
    } else if (head.what == protocol::kind::not_started) {
        // The request's number is the command's: a keeper that could not read the request knows no other.
        if (auto report = wire::from_bytes<protocol::not_started>(body))
            if (auto command = take(head.request))
                command->failed(report->reason);
    } else if (head.what == protocol::kind::stopped) {
        auto report = wire::from_bytes<protocol::stopped>(body);
        if (auto command = report ? find(report->command) : nullptr)
            command->stopped(report->number);
    }
}

void keeper_link::close() {
    std::map<std::uint64_t, std::shared_ptr<running_command>> orphans;
    {
        std::scoped_lock lock{mutex_};
        if (closed_)
            return;
        closed_ = true;
        orphans.swap(running_);
        outbox_.close();
    }
    for (auto& [number, command] : orphans)
        command->failed(gone());
}

} // namespace gestvenv
