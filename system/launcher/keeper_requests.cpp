// SPDX-License-Identifier: MIT
// What the runtime asks a keeper for.
#include "system/launcher/keeper_process.hpp"

#include "messages/fault_point.hpp"
#include "system/launcher/command_start.hpp"

#include <algorithm>

namespace gestvenv {

void keeper_process::serve() {
    for (;;) {
        channel::message message;
        auto got = setup_.runtime->receive(message);
        if (!got || *got == channel::status::closed) {
            // The launcher decides what happens to an environment without a runtime; commands go on until
            // then.
            runtime_gone_ = true;
            return;
        }
        if (*got == channel::status::would_block)
            return;
        std::string_view body = message.bytes;
        auto head = protocol::take_header(body);
        if (!head)
            continue;
        if (message.incomplete)
            refuse(head->request, head->request, std::move(*message.incomplete));
        else if (head->what == protocol::kind::run)
            begin(head->request, body, message.descriptors);
        else if (head->what == protocol::kind::signal)
            signal(body);
        else if (head->what == protocol::kind::kill)
            kill(body);
    }
}

void keeper_process::begin(std::uint64_t request, std::string_view body,
                           const std::vector<descriptor>& streams) {
    auto spec = wire::from_bytes<protocol::run>(body);
    if (!spec || spec->arguments.empty() ||
        streams.size() != 3 + spec->passed.size() + (spec->terminal ? 1 : 0)) {
        refuse(request, 0, {error_code::invalid_argument, "the keeper got a malformed command", {}, {}});
        return;
    }
    if (!limits_entered_)
        return refuse(request, spec->command, limits_entered_.error());
    if (ending_)
        return refuse(request, spec->command,
                      {error_code::environment_gone, "the environment is being torn down", {}, {}});
    fault_point("keeper: is about to start a command");
    command item;
    item.number = spec->command;
    item.request = request;
    item.began = clock::now();
    item.before = watch_.now();
    show_what_is_named(*spec);
    command_place place;
    place.shared_memory_of_host = shm_.host();
    place.shared_memory_path = shm_.path();
    place.time_slice = setup_.time_slice;
    if (setup_.group != nullptr) {
        auto group = setup_.group->make("command-" + std::to_string(spec->command));
        if (!group)
            return refuse(request, spec->command, group.error());
        item.group = std::move(*group);
        place.group = &item.group;
    } else {
        place.guard = true;
    }
    std::size_t next = 3;
    if (spec->terminal) {
        place.guard = true;
        place.terminal = streams[next++].get();
    }
    for (; next < streams.size(); ++next)
        place.passed.push_back(streams[next].get());
    auto child = start_command(*spec, {streams[0].get(), streams[1].get(), streams[2].get()}, place);
    if (!child) {
        if (item.group)
            (void)item.group.remove(); // teardown removes what is left of it
        return refuse(request, spec->command, child.error());
    }
    fault_point("keeper: has started a command");
    item.pid = child->pid;
    item.guarded = place.guard;
    setup_.page->note(item.pid);
    item.reports = std::move(child->reports);
    item.spec = std::move(*spec);
    commands_.push_back(std::move(item));
    begin_counting();
}

void keeper_process::kill(std::string_view body) {
    auto order = wire::from_bytes<protocol::kill>(body);
    if (!order)
        return;
    auto found = std::find_if(commands_.begin(), commands_.end(),
                              [&](const command& item) { return item.number == order->command; });
    if (found != commands_.end()) // otherwise it ended at the same moment
        found->ask_to_end(order->grace);
}

void keeper_process::signal(std::string_view body) {
    auto order = wire::from_bytes<protocol::signal>(body);
    if (!order)
        return;
    auto found = std::find_if(commands_.begin(), commands_.end(),
                              [&](const command& item) { return item.number == order->command; });
    if (found != commands_.end())
        found->signal(*order);
}

// The caller's folders and files in /dev/shm, where a private one is over it.
void keeper_process::show_what_is_named(const protocol::run& spec) {
    if (shm_.host() < 0)
        return;
    int shown = shm_.show_named(spec.working_directory + "/");
    for (const auto& argument : spec.arguments)
        shown += shm_.show_named(argument);
    for (const auto& [name, value] : spec.variables)
        shown += shm_.show_named(value);
    setup_.page->files_shown.fetch_add(shown);
}

void keeper_process::refuse(std::uint64_t request, std::uint64_t number, error reason) {
    answer(protocol::encode(protocol::kind::not_started, request,
                            protocol::not_started{number, std::move(reason)}));
}

} // namespace gestvenv
