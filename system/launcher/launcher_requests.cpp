// SPDX-License-Identifier: MIT
// What the runtime asks the launcher for.
#include "system/launcher/launcher_process.hpp"

#include "messages/fault_point.hpp"
#include "system/storage/owner_marker.hpp"

#include <string>
#include <unistd.h>
#include <utility>

namespace gestvenv {

namespace {

// How long the undoing of everything may take after the runtime's death, before the launcher leaves the rest
// to the next start.
constexpr std::chrono::seconds farewell_limit{10};

} // namespace

void launcher_process::serve() {
    for (;;) {
        channel::message message;
        auto got = channel_.receive(message);
        if (!got || *got == channel::status::closed) {
            // Without a channel no request can come: as good as a dead runtime.
            channel_gone_ = true;
            quit(0);
            return;
        }
        if (*got == channel::status::would_block)
            return;
        std::string_view body = message.bytes;
        auto head = protocol::take_header(body);
        if (head && message.incomplete)
            refuse(head->request, std::move(*message.incomplete));
        else if (head)
            handle(*head, body);
    }
}

void launcher_process::handle(const protocol::header& head, std::string_view body) {
    using protocol::kind;
    switch (head.what) {
    case kind::set_layout:
        return with<protocol::set_layout>(head, body, &launcher_process::set_layout);
    case kind::create:
        return with<protocol::create>(head, body, &launcher_process::create);
    case kind::start_keeper:
        return with<protocol::start_keeper>(head, body, &launcher_process::start_keeper);
    case kind::keeper_taken:
        return with<protocol::keeper_taken>(head, body, &launcher_process::keeper_taken);
    case kind::end:
        return with<protocol::end>(head, body, &launcher_process::end);
    case kind::sample:
        return with<protocol::sample>(head, body, &launcher_process::sample);
    case kind::list_processes:
        return with<protocol::list_processes>(head, body, &launcher_process::list_processes);
    case kind::undo:
        return with<protocol::undo>(head, body, &launcher_process::undo);
    case kind::quit:
        terminal_.forget();
        return quit(head.request);
    default:
        refuse(head.request,
               {error_code::invalid_argument, "the launcher does not know this request", {}, {}});
    }
}

template <class Body>
void launcher_process::with(const protocol::header& head, std::string_view bytes,
                            void (launcher_process::*handler)(std::uint64_t, Body)) {
    auto body = wire::from_bytes<Body>(bytes);
    if (!body)
        return refuse(head.request,
                      {error_code::invalid_argument, "the launcher got a malformed request", {}, {}});
    if (quitting_)
        return refuse(head.request, {error_code::shutting_down, "the launcher is ending", {}, {}});
    (this->*handler)(head.request, std::move(*body));
}

void launcher_process::set_layout(std::uint64_t request, protocol::set_layout body) {
    if (auto checked = python::check(body.layout); !checked)
        return refuse(request, checked.error());
    layouts_.insert_or_assign(body.layout_number, std::move(body.layout));
}

void launcher_process::create(std::uint64_t request, protocol::create body) {
    if (table_.contains(body.environment_id))
        return refuse(request, {error_code::illegal_transition, "the environment exists already", {}, {}});
    const python::venv_layout* layout = nullptr;
    if (body.layout_number != 0) {
        auto found = layouts_.find(body.layout_number);
        if (found == layouts_.end())
            return refuse(request, {error_code::invalid_argument, "the launcher has no such layout", {}, {}});
        layout = &found->second;
    }
    fault_point("launcher: is about to make a storage");
    auto storage = make_storage(body, layout, able_.mounts ? attach_path() : std::string{},
                                [&] { return open_root(body.base_path); });
    if (!storage) {
        trials_.forget(); // what is recorded to work may have been taken away
        return refuse(request, storage.error());
    }
    fault_point("launcher: has made a storage");
    protocol::created answer;
    answer.storage_path = storage->visible_path;
    answer.host_path = storage->is_folder() ? storage->folder_path() + "/" + storage_folder_name
                                            : "/proc/" + std::to_string(::getpid()) + "/fd/" +
                                                  std::to_string(storage->folder.get());
    answer.storage_kind = storage->kind;
    auto id = body.environment_id;
    table_.emplace(id, std::make_unique<environment_record>(id, std::move(*storage)));
    send(protocol::encode(protocol::kind::created, request, std::move(answer)));
    fault_point("launcher: is about to answer for a storage");
}

// Shared by the environments below it, so that the last one to go lets the folder go too.
outcome<std::shared_ptr<storage_root>> launcher_process::open_root(const std::string& path) {
    auto& known = roots_[path];
    if (auto root = known.lock())
        return root;
    auto opened = storage_root::open(path);
    if (!opened)
        return failure(opened.error());
    auto root = std::make_shared<storage_root>(std::move(*opened));
    known = root;
    return root;
}

void launcher_process::start_keeper(std::uint64_t request, protocol::start_keeper body) {
    auto found = table_.find(body.environment_id);
    if (found == table_.end())
        return refuse(request, {error_code::environment_gone, "the environment is gone", {}, {}});
    channel runtime_end;
    fault_point("launcher: is about to start a keeper");
    auto started = found->second->start_keeper(body, able_, self_, of_caller_, runtime_end);
    if (!started) {
        trials_.forget();
        return refuse(request, started.error());
    }
    send(protocol::encode(protocol::kind::keeper_started, request, std::move(*started)),
         runtime_end.release());
    fault_point("launcher: has started a keeper");
}

void launcher_process::keeper_taken(std::uint64_t, protocol::keeper_taken body) {
    if (auto found = table_.find(body.environment_id); found != table_.end())
        found->second->keeper_taken();
}

void launcher_process::end(std::uint64_t request, protocol::end body) {
    auto found = table_.find(body.environment_id);
    if (found == table_.end()) // idempotent: gone already is what was asked for
        return send(protocol::encode(protocol::kind::ended, request, protocol::ended{}));
    fault_point("launcher: is about to end an environment");
    found->second->begin_end(request, body.grace, orphans_);
}

void launcher_process::sample(std::uint64_t request, protocol::sample body) {
    if (!sampling_.add(request, std::move(body)))
        refuse(request, {error_code::resources_exhausted, "too many samplings wait already", {}, {}});
}

void launcher_process::list_processes(std::uint64_t request, protocol::list_processes body) {
    auto found = table_.find(body.environment_id);
    if (found == table_.end() || found->second->ending())
        return refuse(request, {error_code::environment_gone,
                                "the environment is gone, or ends",
                                std::move(body.environment_id),
                                {}});
    if (auto begun = listings_.begin(request, *found->second, body.most); !begun)
        refuse(request, begun.error());
}

void launcher_process::undo(std::uint64_t request, protocol::undo body) {
    auto started = helper_process::start([&body] { return carry_out(body); }, {});
    if (!started)
        return refuse(request, started.error());
    undoings_.push_back({request, std::move(*started)});
    fault_point("launcher: has begun to undo by path");
}

void launcher_process::quit(std::uint64_t request) {
    if (request != 0)
        quit_request_ = request;
    if (quitting_)
        return;
    quitting_ = true;
    fault_point("launcher: is about to undo everything");
    farewell_deadline_ = clock::now() + farewell_limit;
    for (auto& [id, record] : table_)
        record->begin_end(0, std::chrono::milliseconds{0}, orphans_);
}

void launcher_process::refuse(std::uint64_t request, error reason) {
    send(protocol::encode(protocol::kind::refused, request, protocol::refused{std::move(reason)}));
}

} // namespace gestvenv
