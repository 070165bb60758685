// SPDX-License-Identifier: MIT
#include "tools/gestvenv/run/artifact_copy.hpp"

#include "messages/shown_text.hpp"
#include "system/posix/descriptor.hpp"
#include "tools/gestvenv/run/artifact_target.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <dirent.h>
#include <fcntl.h>
#include <functional>
#include <memory>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace gestvenv::cli {

namespace {

// Each level holds two descriptors.
constexpr std::size_t deepest = 200;
constexpr std::size_t most_warnings = 20;
constexpr int folder_flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;

using path_parts = std::vector<std::string>;

std::string text_of(const path_parts& path) {
    std::string text;
    for (const auto& part : path)
        text += (text.empty() ? "" : "/") + part;
    return shown(text);
}

/// The names in a folder, sorted, without `.` and `..`.
std::vector<std::string> names_in(const descriptor& folder) {
    std::vector<std::string> names;
    // A descriptor of its own: closedir(3) closes it.
    int own = ::openat(folder.get(), ".", folder_flags);
    std::unique_ptr<DIR, int (*)(DIR*)> stream{own < 0 ? nullptr : ::fdopendir(own), ::closedir};
    if (stream == nullptr) {
        if (own >= 0)
            ::close(own);
        return names;
    }
    while (const auto* entry = ::readdir(stream.get())) // NOLINT(concurrency-mt-unsafe): a stream of our own
        if (std::string name{entry->d_name}; name != "." && name != "..")
            names.push_back(std::move(name));
    std::sort(names.begin(), names.end());
    return names;
}

/// One rule at work.
class rule_copy {
public:
    rule_copy(const artifact_rule& rule, artifact_report& report, std::function<bool()> too_late)
        : pattern_(rule.pattern), folder_(rule.folder), report_(report), too_late_(std::move(too_late)) {}

    void run(const descriptor& work) {
        auto begin = pattern_.begin();
        if (pattern_.matches(begin))
            copy_folder(work);
        else
            search(work, begin);
        if (matched_ || late_ || report_.problem)
            return;
        warn(fmt::format("--artifacts: {} matches nothing in the environment's work folder",
                         shown(pattern_.text())));
    }

private:
    bool stopped() {
        if (!late_ && too_late_()) {
            late_ = true;
            warn(fmt::format("--artifacts: not all of {} was copied: there was no time",
                             shown(pattern_.text())));
        }
        return late_ || report_.problem.has_value();
    }

    void warn(std::string text) {
        if (report_.warnings.size() < most_warnings)
            report_.warnings.push_back(std::move(text));
        else if (report_.warnings.size() == most_warnings)
            report_.warnings.emplace_back("--artifacts: and more that was not copied");
    }

    void skip(const char* why) {
        warn(fmt::format("--artifacts: {} is not copied: {}", text_of(here_), why));
    }

    void search(const descriptor& folder, const artifact_pattern::position& position) {
        for (const auto& name : names_in(folder)) {
            if (stopped())
                return;
            auto next = pattern_.after(position, name);
            if (next.empty())
                continue;
            here_.push_back(name);
            if (pattern_.matches(next))
                copy_entry(folder, name);
            else if (descriptor below{::openat(folder.get(), name.c_str(), folder_flags)};
                     below && here_.size() < deepest)
                search(below, next);
            here_.pop_back();
        }
    }

    void copy_folder(const descriptor& folder) {
        matched_ = true;
        if (here_.size() >= deepest)
            return skip("it lies too deep");
        auto names = names_in(folder);
        if (names.empty())
            with_target([this](const artifact_target& target) { return target.make_folder(place()); });
        for (const auto& name : names) {
            if (stopped())
                return;
            here_.push_back(name);
            copy_entry(folder, name);
            here_.pop_back();
        }
    }

    void copy_entry(const descriptor& folder, const std::string& name) {
        matched_ = true;
        // Opened for nothing but to be looked at: opening a device or a pipe in earnest has effects.
        descriptor entry{::openat(folder.get(), name.c_str(), O_PATH | O_NOFOLLOW | O_CLOEXEC)};
        struct stat found {};
        if (!entry || ::fstat(entry.get(), &found) != 0)
            return skip(errno == ENOENT ? "it has gone" : "it cannot be opened");
        if (S_ISDIR(found.st_mode)) {
            if (descriptor below{::openat(entry.get(), ".", folder_flags)})
                return copy_folder(below);
            return skip("the folder cannot be opened");
        }
        if (S_ISLNK(found.st_mode))
            return skip("it is a symbolic link");
        if (!S_ISREG(found.st_mode))
            return skip("it is no regular file");
        // The same file that was looked at, whatever its name means by now.
        descriptor source{
            ::open(fmt::format("/proc/self/fd/{}", entry.get()).c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY)};
        if (!source)
            return skip("it cannot be read");
        with_target([&](const artifact_target& target) {
            return target.copy(source, place(), [this] { return stopped(); }).map([this](std::int64_t size) {
                ++report_.files;
                report_.bytes += size;
            });
        });
    }

    /// Below the target folder.
    path_parts place() const {
        auto fixed = std::min(pattern_.fixed_components(), here_.size());
        return {here_.begin() + static_cast<std::ptrdiff_t>(fixed), here_.end()};
    }

    void with_target(const std::function<outcome<void>(const artifact_target&)>& work) {
        if (!target_) {
            auto opened = artifact_target::open(folder_);
            if (!opened) {
                report_.problem = std::move(opened).error();
                return;
            }
            target_ = std::move(*opened);
        }
        if (auto good = work(*target_); !good && !late_)
            report_.problem = std::move(good).error();
    }

    const artifact_pattern& pattern_;
    const std::string& folder_;
    artifact_report& report_;
    std::function<bool()> too_late_;
    std::optional<artifact_target> target_;
    path_parts here_;
    bool matched_ = false;
    bool late_ = false;
};

} // namespace

void artifact_copier::environment_is_at(std::filesystem::path environment) {
    std::lock_guard lock{mutex_};
    environment_ = std::move(environment);
}

void artifact_copier::copy() {
    std::lock_guard lock{mutex_};
    if (rules_.empty() || environment_.empty() || std::exchange(done_, true))
        return;
    // The first step may follow a link: for a mount of its own the path is one below /proc.
    descriptor environment{::open(environment_.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC)};
    descriptor work{environment ? ::openat(environment.get(), "work", folder_flags) : -1};
    if (!work) {
        report_.warnings.push_back(fmt::format("--artifacts: nothing was copied, the work folder is gone: {}",
                                               std::generic_category().message(errno)));
        return;
    }
    for (const auto& rule : rules_)
        if (!report_.problem)
            rule_copy{rule, report_, [this] { return std::chrono::steady_clock::now() >= deadline_.load(); }}
                .run(work);
}

void artifact_copier::copy_within(std::chrono::milliseconds limit) {
    deadline_ = std::chrono::steady_clock::now() + limit;
    copy();
}

} // namespace gestvenv::cli
