// SPDX-License-Identifier: MIT
#include "system/journal/ended_archive.hpp"

#include "messages/fault_point.hpp"
#include "messages/json.hpp"
#include "system/journal/boot.hpp"
#include "system/journal/wall_time.hpp"
#include "system/posix/descriptor.hpp"
#include "system/posix/system_failure.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <fcntl.h>
#include <fstream>
#include <optional>
#include <string>
#include <string_view>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>

namespace gestvenv {

namespace fs = std::filesystem;

namespace {

using std::chrono::microseconds;
using std::chrono::system_clock;

constexpr std::string_view prefix = "ended-";
constexpr std::string_view suffix = ".jsonl";
constexpr const char* before_suffix = ".before";

/// `ended-<boot id>-<hours since boot>.jsonl`.
struct archive_file {
    fs::path path;
    std::string boot;
    std::int64_t hour = 0;
};

std::optional<archive_file> parse_name(const fs::path& path) {
    auto text = path.filename().string();
    if (text.ends_with(before_suffix))
        text.resize(text.size() - std::string_view{before_suffix}.size());
    if (!text.starts_with(prefix) || !text.ends_with(suffix))
        return std::nullopt;
    auto middle = std::string_view{text}.substr(prefix.size(), text.size() - prefix.size() - suffix.size());
    auto dash = middle.rfind('-');
    if (dash == std::string_view::npos)
        return std::nullopt;
    archive_file file{path, std::string{middle.substr(0, dash)}, 0};
    auto number = middle.substr(dash + 1);
    auto read = std::from_chars(number.data(), number.data() + number.size(), file.hour);
    if (read.ec != std::errc{} || read.ptr != number.data() + number.size())
        return std::nullopt;
    return file;
}

std::vector<archive_file> files_in(const fs::path& root) {
    std::vector<archive_file> files;
    std::error_code problem; // a folder that is not there has none
    for (const auto& entry : fs::directory_iterator{root, problem})
        if (auto file = parse_name(entry.path()))
            files.push_back(std::move(*file));
    std::sort(files.begin(), files.end(), [](const archive_file& a, const archive_file& b) {
        bool here = a.boot == boot_id();
        if (here != (b.boot == boot_id()))
            return !here; // another boot's were before
        // `.before` is the longer name of the two and holds what came first.
        return a.hour != b.hour ? a.hour < b.hour : a.path.native().size() > b.path.native().size();
    });
    return files;
}

std::int64_t since_epoch(system_clock::time_point at) {
    return std::chrono::duration_cast<microseconds>(at.time_since_epoch()).count();
}

std::string to_line(const environment_entry& entry) {
    nlohmann::json line{{"id", entry.id},
                        {"info", entry.info},
                        {"started_at", since_epoch(entry.started_at)},
                        {"at", since_epoch(entry.end->at)},
                        {"since_boot", entry.end->since_boot.count()},
                        {"boot_id", entry.end->boot_id},
                        {"cause", to_string(entry.end->cause)},
                        {"receipt", entry.end->receipt}};
    return line.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

std::optional<environment_entry> from_line(const std::string& text) {
    auto line = parse_json(text);
    if (!line || !line->is_object())
        return std::nullopt;
    auto number = [&line](const char* key) {
        auto found = line->find(key);
        return found != line->end() && found->is_number_integer() ? found->get<std::int64_t>() : 0;
    };
    auto word = [&line](const char* key) {
        auto found = line->find(key);
        return found != line->end() && found->is_string() ? found->get<std::string>() : std::string{};
    };
    environment_entry entry;
    auto& end = entry.end.emplace();
    entry.id = word("id");
    entry.info = line->value("info", nlohmann::json::object());
    entry.started_at = wall_time(number("started_at"));
    end.at = wall_time(number("at"));
    end.since_boot = microseconds{number("since_boot")};
    end.boot_id = word("boot_id");
    end.receipt = line->value("receipt", nlohmann::json::object());
    if (entry.id.empty() || !from_string(word("cause"), end.cause))
        return std::nullopt;
    return entry;
}

/// Ours alone, and a file: anything else may be a trap.
bool is_ours(const descriptor& file) {
    struct stat status {};
    return ::fstat(file.get(), &status) == 0 && S_ISREG(status.st_mode) && status.st_uid == ::geteuid();
}

} // namespace

outcome<void> ended_archive::add(std::span<const environment_entry> entries) const {
    // A line that was torn off by a full disk ends where the next one begins.
    std::string text;
    for (const auto& entry : entries)
        if (entry.end)
            text += '\n' + to_line(entry) + '\n';
    if (text.empty())
        return {};
    fault_point("archive: is about to be written");
    forget_old();
    auto path = root_ / fmt::format("{}{}-{}{}", prefix, boot_id(), this_hour(), suffix);
    struct stat status {};
    if (::stat(path.c_str(), &status) == 0 && status.st_size >= most_bytes)
        ::rename(path.c_str(), (path.string() + before_suffix).c_str()); // who adds at this moment adds there
    descriptor file{
        ::open(path.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK, 0600)};
    if (!file)
        return system_failure(errno, fmt::format("cannot open {}", path.string()));
    if (!is_ours(file))
        return failure(error_code::permission_denied,
                       fmt::format("{} belongs to another user", path.string()));
    auto written = ::write(file.get(), text.data(), text.size());
    if (written < 0)
        return system_failure(errno, fmt::format("cannot write to {}", path.string()));
    if (static_cast<std::size_t>(written) < text.size())
        return failure(error_code::storage_full, fmt::format("{} is cut: the disk is full", path.string()));
    return {};
}

std::vector<environment_entry> ended_archive::read() const {
    std::vector<environment_entry> entries;
    for (const auto& file : files_in(root_)) {
        std::ifstream stream{file.path};
        for (std::string line; std::getline(stream, line);)
            if (auto entry = from_line(line))
                entries.push_back(std::move(*entry));
    }
    return entries;
}

std::int64_t ended_archive::this_hour() const {
    return std::chrono::duration_cast<std::chrono::hours>(since_boot_()).count();
}

// A file holds an hour: its last line is old enough two hours after its first could have been written.
void ended_archive::forget_old() const {
    const auto now = this_hour();
    for (const auto& file : files_in(root_))
        if (now - (file.boot == boot_id() ? file.hour : 0) >= 2 * retention.count())
            ::unlink(file.path.c_str());
}

} // namespace gestvenv
