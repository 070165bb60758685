// SPDX-License-Identifier: MIT
#include "messages/shown_text.hpp"
#include "net/files/file_access.hpp"
#include "net/files/tar_sender.hpp"
#include "net/files/tar_unpack.hpp"
#include "net/rest/call.hpp"
#include "net/rest/pages.hpp"
#include "net/rest/schema_of.hpp"

#include <gestvenv/environment_info.hpp>

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <fcntl.h>
#include <functional>
#include <memory>
#include <optional>
#include <utility>

namespace gestvenv::rest {

namespace {

using kind = query_parameter::kind;
using files::deadline;
using files::path_parts;

constexpr std::int64_t most_on_a_page = 10'000;
constexpr std::int64_t usually_on_a_page = 1'000;
constexpr std::string_view tar_type = "application/x-tar";
constexpr std::string_view file_type = "application/octet-stream";

/// Without parameters; empty: there is none.
std::string_view media_type(const call& what, std::string_view field) {
    const auto* given = what.asked().headers.find(field);
    std::string_view type = given == nullptr ? std::string_view{} : *given;
    type = type.substr(0, type.find(';'));
    while (type.ends_with(' '))
        type.remove_suffix(1);
    return type;
}

bool wants_tar(const call& what) {
    const auto* accepts = what.asked().headers.find("Accept");
    return accepts != nullptr && accepts->find(tar_type) != std::string::npos;
}

/// Where files are read and written. By its id: the name may be another environment's by now.
struct work_place {
    descriptor folder;
    std::string id;
};

/// What is done with the open work folder, on a worker's thread. An error is the answer.
using file_work =
    std::function<outcome<void>(const work_place& work, const path_parts& path, const deadline& until)>;

/// Also while it is made. What is found in the folder of one that ends is what its teardown has left so far.
outcome<void> check_alive(const environment_info& found) {
    switch (found.status) {
    case environment_status::pending:
    case environment_status::creating:
    case environment_status::ready:
    case environment_status::running:
        return {};
    default:
        return failure(
            {error_code::environment_gone, "the environment is being torn down", found.name, "make another"});
    }
}

/// Whether the environment still lives; on any thread.
void when_alive(const node_services& node, const std::string& id, std::function<void(outcome<void>)> go) {
    node.runtime->find(id, [go = std::move(go)](const outcome<environment_info>& found) {
        go(found.and_then(check_alive));
    });
}

void if_alive(const call& what, const std::string& id, std::function<void()> go) {
    when_alive(*what.node, id, [what, go = std::move(go)](const outcome<void>& alive) {
        alive ? go() : what.refuse(alive.error());
    });
}

void with_files(const call& what, file_work go) {
    auto path = files::parts_of(what.text("path"));
    if (!path)
        return what.refuse(path.error());
    with_environment(what, [what, path = std::move(*path),
                            go = std::move(go)](const environment_info& where) {
        if (auto alive = check_alive(where); !alive)
            return what.refuse(alive.error());
        // Counts as activity.
        what.node->runtime->touch(where.id, [](const outcome<void>&) {});
        auto queued = what.node->file_work.run([what, path, go, where](const deadline& until) {
            auto done = files::open_work_folder(where.host_path.string()).and_then([&](descriptor folder) {
                return go({std::move(folder), where.id}, path, until);
            });
            if (done)
                return;
            done.error().environment = where.name;
            if_alive(what, where.id, [what, why = done.error()] { what.refuse(why); });
        });
        if (!queued)
            what.refuse(queued.error());
    });
}

void send_file(const call& what, files::opened_path file) {
    http::response whole;
    whole.headers.add("Content-Type", std::string{file_type});
    whole.headers.add("File-Mode", fmt::format("{:04o}", file.facts.st_mode & 07777U));
    whole.file_size = file.size();
    whole.file = std::make_shared<descriptor>(std::move(file.what));
    what.exchange->answer(std::move(whole));
}

void send_folder(const call& what, files::tar_packer from, const std::string& id) {
    http::response head;
    head.headers.add("Content-Type", std::string{tar_type});
    files::send_tar(what.node->file_work,
                    {std::move(from), what.exchange->begin(std::move(head)),
                     [node = what.node, id](auto confirm) { when_alive(*node, id, std::move(confirm)); },
                     [node = what.node, environment = what.environment()](const error& why) {
                         node->observability->say(log_level::warning,
                                                  fmt::format("a download from {} was cut short: {}",
                                                              shown(environment), why.message));
                     }});
}

void download(call what) {
    with_files(
        what, [what](const work_place& work, const path_parts& path, const deadline&) -> outcome<void> {
            auto opened = files::open_for_reading(work.folder, path);
            if (!opened)
                return failure(std::move(opened).error());
            if (!opened->is_folder() && !wants_tar(what)) {
                send_file(what, std::move(*opened));
                return {};
            }
            auto packer = files::tar_packer::begin(std::move(*opened), path.empty() ? "" : path.back());
            if (!packer)
                return failure(std::move(packer).error());
            send_folder(what, std::move(*packer), work.id);
            return {};
        });
}

std::optional<mode_t> mode_of(const std::string& text) {
    constexpr mode_t most = 0777;
    mode_t mode = 0;
    const auto* end = text.data() + text.size();
    auto [read, problem] = std::from_chars(text.data(), end, mode, 8);
    if (problem != std::errc{} || read != end || mode > most)
        return {};
    return mode;
}

/// Unpacks into a folder, which is made with `parents`.
outcome<files::file_transfer> unpack(const call& what, const descriptor& body, const descriptor& work,
                                     const path_parts& path, const deadline& until) {
    auto in_it = path;
    in_it.emplace_back("."); // its parent is the folder itself
    auto folder = files::open_parent(work.get(), in_it, what.flag("parents"));
    if (!folder)
        return failure(std::move(folder).error());
    return files::unpack_tar(body.get(), *folder, {}, files::refused_entries::stop, until)
        .map([](const files::unpacked& all) { return all.done; });
}

void upload(call what) {
    const auto type = media_type(what, "Content-Type");
    const bool is_tar = type == tar_type;
    if (!is_tar && !type.empty() && type != file_type)
        return what.exchange->answer(problem(415,
                                             "the body must be application/octet-stream or application/x-tar",
                                             "curl -T FILE sends a file as it is"));
    files::writing how;
    how.makes_parents = what.flag("parents");
    if (auto text = what.text("mode"); !text.empty()) {
        auto mode = mode_of(text);
        if (!mode)
            return what.refuse({error_code::invalid_argument,
                                "the parameter 'mode' must be permissions as an octal number, 0 to 0777",
                                {},
                                {}});
        how.mode = *mode;
    }
    with_files(
        what, [=](const work_place& work, const path_parts& path, const deadline& until) -> outcome<void> {
            auto body = what.asked().body_file;
            if (!body) // of a request without a body
                body = std::make_shared<descriptor>(::open("/dev/null", O_RDONLY | O_CLOEXEC));
            auto done = is_tar ? unpack(what, *body, work.folder, path, until)
                               : files::put_file(work.folder, path, *body, how, until);
            return done.map([&](const files::file_transfer& all) { what.answer(200, to_json_value(all)); });
        });
}

void remove(call what) {
    with_files(what, [what](const work_place& work, const path_parts& path, const deadline&) {
        return files::remove(work.folder, path).map([&] { what.answer(204); });
    });
}

void list(call what) {
    with_files(what, [what](const work_place& work, const path_parts& path, const deadline& until) {
        return files::list(work.folder, path, what.text("cursor"),
                           static_cast<std::size_t>(what.number("limit", usually_on_a_page)), until)
            .map([&](const files::file_page& page) {
                if_alive(what, work.id, [what, page] { what.answer(200, to_json_value(page)); });
            });
    });
}

constexpr query_parameter path_parameter{"path", kind::text,
                                         "relative to the environment's work folder (default: that folder)"};
constexpr std::array path_query{path_parameter};
constexpr std::array upload_query{
    path_parameter,
    query_parameter{"parents", kind::flag, "make missing folders"},
    query_parameter{"mode", kind::text, "permissions of a single file, octal (default 0644)", 0, 0,
                    "^(0*[0-7]{1,3})?$"},
};
constexpr std::array list_query{
    path_parameter,
    query_parameter{"limit", kind::number, "entries on a page (default 1000)", 1, most_on_a_page},
    query_parameter{"cursor", kind::text, "`next` of the page before"},
};

constexpr std::array download_answers{
    route_answer{200, "the file", nullptr, file_type},
    route_answer{200, "a folder, or with Accept: application/x-tar a file, as a tar stream", nullptr,
                 tar_type}};
constexpr std::array upload_answers{route_answer{200, "what was written", schema_of<files::file_transfer>}};
constexpr std::array no_content{route_answer{204, "it is removed"}};
constexpr std::array list_answers{
    route_answer{200, "a page, in the order of the names", schema_of<files::file_page>}};

const std::array page{
    route{.method = "GET",
          .path = "/api/v1/ephemeral/environments/{env}/files",
          .operation_id = "readFiles",
          .summary = "Reads a file of an environment, or packs a folder.",
          .query = path_query,
          .answers = download_answers,
          .handle = download},
    route{.method = "PUT",
          .path = "/api/v1/ephemeral/environments/{env}/files",
          .operation_id = "writeFiles",
          .summary = "Writes a file, or unpacks a body of type application/x-tar into a folder.",
          .needs = right::write,
          .query = upload_query,
          .body_media_type = file_type,
          .body_is_optional = true,
          .body_bounds = {std::uint64_t{16} << 30, true},
          .answers = upload_answers,
          .handle = upload},
    route{.method = "DELETE",
          .path = "/api/v1/ephemeral/environments/{env}/files",
          .operation_id = "removeFiles",
          .summary = "Removes a file, or a folder with everything in it.",
          .needs = right::write,
          .query = path_query,
          .answers = no_content,
          .handle = remove},
    route{.method = "GET",
          .path = "/api/v1/ephemeral/environments/{env}/files/list",
          .operation_id = "listFiles",
          .summary = "Lists a folder of an environment.",
          .query = list_query,
          .answers = list_answers,
          .handle = list},
};

} // namespace

std::span<const route> file_page() {
    return page;
}

} // namespace gestvenv::rest
