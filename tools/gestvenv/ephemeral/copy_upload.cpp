// SPDX-License-Identifier: MIT
#include "messages/json.hpp"
#include "messages/shown_text.hpp"
#include "net/client/problem_document.hpp"
#include "net/files/file_access.hpp"
#include "net/files/tar_pack.hpp"
#include "net/http/unnamed_file.hpp"
#include "system/posix/system_failure.hpp"
#include "tools/gestvenv/ephemeral/copy_paths.hpp"
#include "tools/gestvenv/ephemeral/copy_transfer.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <array>
#include <cerrno>
#include <fcntl.h>
#include <memory>
#include <stop_token>
#include <string_view>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>
#include <vector>

namespace gestvenv::cli {

namespace {

/// What is at a path of the environment.
enum class found_there : std::uint8_t { nothing, folder, file };

outcome<http::response> ask(const environment_files& to, http::request request) {
    auto client = http::client::connect(to.node.where, {});
    if (!client)
        return failure(std::move(client).error());
    const std::stop_callback ending{to.node.interrupted, [&client] { client->cancel(); }};
    return client->ask(request);
}

outcome<found_there> look_at(const environment_files& to, const std::string& path) {
    auto listed = ask(to, to.node.request_for("GET", files_path(to.environment_id,
                                                                "/list?limit=1&path=" + query_text(path))));
    if (!listed)
        return failure(std::move(listed).error());
    if (listed->status == 200)
        return found_there::folder;
    auto problem = problem_in(*listed).what;
    if (problem.code == error_code::not_found)
        return found_there::nothing;
    // A part of the path that is no folder, and a path that is no good, are told again by what writes there.
    if (problem.code == error_code::invalid_argument)
        return found_there::file;
    return failure(std::move(problem));
}

outcome<copied_files> send(const environment_files& to, const std::string& query, std::string_view type,
                           std::shared_ptr<descriptor> body) {
    auto request = to.node.request_for("PUT", files_path(to.environment_id, query));
    request.headers.add("Content-Type", std::string{type});
    request.body_file = std::move(body);
    auto answer = ask(to, std::move(request));
    if (!answer)
        return failure(std::move(answer).error());
    if (answer->status >= 400)
        return failure(problem_in(*answer).what);
    auto told = parse_json(answer->body).and_then([](const nlohmann::json& value) {
        return from_json_value<files::file_transfer>(value);
    });
    if (!told)
        return failure(error_code::node_unreachable,
                       "the node's answer cannot be read: " + told.error().message);
    return copied_files{told->entries, told->bytes, {}, 0};
}

struct packed_folder {
    std::shared_ptr<descriptor> archive;
    std::vector<std::string> left_out;
    std::size_t all_left_out = 0;
};

outcome<packed_folder> packed(files::opened_path folder) {
    auto file = http::unnamed_file();
    if (!file)
        return failure(std::move(file).error());
    auto packer = files::tar_packer::begin(std::move(folder), {});
    if (!packer)
        return failure(std::move(packer).error());
    while (true) {
        auto piece = packer->next();
        if (!piece)
            return failure(std::move(piece).error());
        if (piece->empty())
            break;
        if (auto written = http::write_to(*file, *piece); !written)
            return failure(std::move(written).error());
    }
    packed_folder result{std::make_shared<descriptor>(std::move(*file)), {}, packer->all_left_out()};
    for (const auto& name : packer->left_out())
        result.left_out.push_back(shown(name) + " is neither a file, a folder nor a link");
    return result;
}

/// Its size goes before it.
outcome<std::shared_ptr<descriptor>> from_standard_input() {
    auto file = http::unnamed_file();
    if (!file)
        return failure(std::move(file).error());
    std::array<char, 64 << 10> bytes{};
    while (true) {
        auto got = ::read(STDIN_FILENO, bytes.data(), bytes.size());
        if (got == 0)
            return std::make_shared<descriptor>(std::move(*file));
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return system_failure(errno, "cannot read standard input");
        if (auto written = http::write_to(*file, {bytes.data(), static_cast<std::size_t>(got)}); !written)
            return failure(std::move(written).error());
    }
}

/// Of this machine: a link is followed, as cp -H does with what it is given.
outcome<files::opened_path> open_source(const std::string& source) {
    files::opened_path found;
    found.what = descriptor{::open(source.c_str(), O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC)};
    if (!found.what || ::fstat(found.what.get(), &found.facts) < 0) {
        if (errno == ENOENT)
            return failure(error_code::not_found, fmt::format("there is no {}", shown(source)));
        return system_failure(errno, fmt::format("cannot read {}", shown(source)));
    }
    if (!found.is_folder() && !S_ISREG(found.facts.st_mode))
        return failure(error_code::invalid_argument,
                       fmt::format("{} is neither a regular file nor a folder", shown(source)),
                       "the content of a pipe is copied by: gestvenv ephemeral cp - ENVIRONMENT:FILE");
    return found;
}

tl::unexpected<error> no_folder(const std::string& path) {
    return failure(error_code::not_found,
                   fmt::format("there is no folder {} in the environment", shown(path)),
                   "without a / at its end it is the name of a file");
}

outcome<copied_files> send_standard_input(const environment_files& to, const std::string& path,
                                          found_there there) {
    if (there == found_there::nothing && path.ends_with('/'))
        return no_folder(path);
    return from_standard_input().and_then([&](std::shared_ptr<descriptor> body) {
        return send(to, "?path=" + query_text(path), there == found_there::folder ? tar_type : file_type,
                    std::move(body));
    });
}

} // namespace

outcome<copied_files> copy_in(const std::string& source, const environment_files& to,
                              const std::string& path) {
    files::opened_path from;
    if (source != "-") {
        auto opened = open_source(source);
        if (!opened)
            return failure(std::move(opened).error());
        from = std::move(*opened);
    }
    auto there = look_at(to, path);
    if (!there)
        return failure(std::move(there).error());
    if (source == "-")
        return send_standard_input(to, path, *there);
    auto place = path;
    if (const auto name = last_name(source); *there == found_there::folder && !name.empty())
        place += (place.empty() || place.ends_with('/') ? "" : "/") + name;
    if (from.is_folder()) {
        if (*there == found_there::file)
            return failure(
                error_code::invalid_argument,
                fmt::format("{} is a folder, and {} in the environment is none", shown(source), shown(path)));
        auto folder = packed(std::move(from));
        if (!folder)
            return failure(std::move(folder).error());
        auto sent = send(to, "?parents=true&path=" + query_text(place), tar_type, std::move(folder->archive));
        if (sent) {
            sent->skipped = std::move(folder->left_out);
            sent->all_skipped = folder->all_left_out;
        }
        return sent;
    }
    if (*there == found_there::nothing && place.ends_with('/'))
        return no_folder(path);
    const auto mode = from.facts.st_mode & 0777U;
    return send(to, fmt::format("?mode={:o}&path={}", mode, query_text(place)), file_type,
                std::make_shared<descriptor>(std::move(from.what)));
}

} // namespace gestvenv::cli
