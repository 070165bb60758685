// SPDX-License-Identifier: MIT
#include "net/client/problem_document.hpp"
#include "net/files/new_file.hpp"
#include "net/files/tar_unpack.hpp"
#include "net/http/unnamed_file.hpp"
#include "system/posix/system_failure.hpp"
#include "tools/gestvenv/ephemeral/copy_paths.hpp"
#include "tools/gestvenv/ephemeral/copy_transfer.hpp"
#include "tools/gestvenv/output/output.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <charconv>
#include <fcntl.h>
#include <filesystem>
#include <optional>
#include <stop_token>
#include <string_view>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

namespace gestvenv::cli {

namespace {

namespace fs = std::filesystem;

constexpr int folder_flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC;
/// Of an answer that is none.
constexpr std::size_t most_refusal = std::size_t{64} << 10;
constexpr mode_t permissions = 0777;

/// Where a copy named `name` goes that is to be at, or in, `destination`.
fs::path place_for(const std::string& destination, const std::string& name) {
    std::error_code ignored;
    return fs::is_directory(destination, ignored) && !name.empty() ? fs::path{destination} / name
                                                                   : fs::path{destination};
}

/// Where the bytes of one answer go.
class download {
public:
    download(std::string name, std::string destination)
        : name_(std::move(name)), destination_(std::move(destination)) {}

    void begin(const http::response& head) {
        answer_.status = head.status;
        answer_.headers = head.headers;
        if (is_refused())
            return;
        const auto* type = head.headers.find("Content-Type");
        is_archive_ = type != nullptr && *type == tar_type;
        begun_ = destination_ == "-" ? begin_stream() : is_archive_ ? begin_archive() : begin_file();
    }

    /// False: it cannot be kept.
    bool take(std::string_view piece) {
        if (is_refused()) {
            answer_.body.append(piece.substr(0, most_refusal - answer_.body.size()));
            return true;
        }
        if (!begun_)
            return false;
        if (file_)
            begun_ = file_->write_at(static_cast<std::uint64_t>(bytes_), piece);
        else if (!write_all(out_.get(), piece))
            begun_ = cannot("write");
        bytes_ += static_cast<std::int64_t>(piece.size());
        return begun_.has_value();
    }

    /// `asked`: how the exchange has ended.
    outcome<copied_files> finish(outcome<http::response> asked) {
        // A reader that has gone away is as good as one that has read.
        if (!begun_ && reader_is_gone_)
            return copied_files{};
        if (!begun_)
            return failure(std::move(begun_).error());
        if (!asked)
            return failure(std::move(asked).error());
        if (is_refused())
            return failure(problem_in(answer_).what);
        if (file_)
            return file_->finish(mode(), static_cast<std::uint64_t>(bytes_), nullptr).map([&] {
                return one_file();
            });
        if (!is_archive_ || destination_ == "-")
            return one_file();
        return unpack();
    }

private:
    bool is_refused() const noexcept { return answer_.status >= 400; }
    copied_files one_file() const { return {1, bytes_, {}, 0}; }

    tl::unexpected<error> cannot(std::string_view what) {
        const int number = errno;
        reader_is_gone_ = number == EPIPE && destination_ == "-";
        return system_failure(number,
                              fmt::format("cannot {} {}", what,
                                          destination_ == "-" ? "to standard output" : shown(destination_)));
    }

    outcome<void> begin_stream() {
        if (is_archive_ && ::isatty(STDOUT_FILENO) != 0)
            return failure(error_code::invalid_argument, "a tar stream is nothing for a terminal",
                           "send it on: ... - | tar t");
        out_ = descriptor{::fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3)};
        return out_ ? outcome<void>{} : cannot("write");
    }

    /// Looked at as a whole before anything of it is unpacked.
    outcome<void> begin_archive() {
        auto file = http::unnamed_file();
        if (!file)
            return failure(std::move(file).error());
        out_ = std::move(*file);
        return {};
    }

    outcome<void> begin_file() {
        place_ = place_for(destination_, name_);
        if (!place_.has_filename())
            return failure(error_code::invalid_argument,
                           fmt::format("there is no folder {}", shown(destination_)), "make it first");
        struct stat there {};
        if (::stat(place_.c_str(), &there) == 0) {
            if (S_ISDIR(there.st_mode))
                return system_failure(EISDIR, fmt::format("cannot write {}", shown(place_.string())));
            if (!S_ISREG(there.st_mode)) { // a device or a pipe is written to, not replaced
                out_ = descriptor{::open(place_.c_str(), O_WRONLY | O_NOCTTY | O_CLOEXEC)};
                return out_ ? outcome<void>{} : cannot("open");
            }
            std::error_code problem;
            if (auto real = fs::canonical(place_, problem); !problem)
                place_ = real; // what a link leads to, not the link
        }
        const auto folder = place_.parent_path().empty() ? fs::path{"."} : place_.parent_path();
        parent_ = descriptor{::open(folder.c_str(), folder_flags)};
        if (!parent_)
            return system_failure(errno, fmt::format("cannot open the folder {}", shown(folder.string())));
        auto file = files::new_file::begin(parent_.get(), {place_.filename().string()});
        if (!file)
            return failure(std::move(file).error());
        file_.emplace(std::move(*file));
        return {};
    }

    mode_t mode() const {
        mode_t mode = 0644;
        if (const auto* given = answer_.headers.find("File-Mode"))
            std::from_chars(given->data(), given->data() + given->size(), mode, 8);
        return mode & permissions;
    }

    outcome<copied_files> unpack() {
        place_ = place_for(destination_, name_);
        if (::mkdir(place_.c_str(), permissions) < 0 && errno != EEXIST)
            return system_failure(errno, fmt::format("cannot make the folder {}", shown(place_.string())));
        descriptor folder{::open(place_.c_str(), folder_flags)};
        if (!folder)
            return system_failure(errno, fmt::format("cannot open the folder {}", shown(place_.string())));
        http::rewind(out_);
        return files::unpack_tar(out_.get(), folder, {}, files::refused_entries::skip, no_deadline)
            .map([](files::unpacked all) {
                return copied_files{all.done.entries, all.done.bytes, std::move(all.skipped),
                                    all.all_skipped};
            });
    }

    /// Of the source; empty: it has none.
    std::string name_;
    std::string destination_;
    http::response answer_;
    bool is_archive_ = false;
    bool reader_is_gone_ = false;
    outcome<void> begun_;
    fs::path place_;
    /// Of `file_`, which does not own it.
    descriptor parent_;
    std::optional<files::new_file> file_;
    descriptor out_;
    std::int64_t bytes_ = 0;
};

} // namespace

outcome<copied_files> copy_out(const environment_files& from, const std::string& path,
                               const std::string& destination) {
    auto client = http::client::connect(from.node.where, {});
    if (!client)
        return failure(std::move(client).error());
    auto request = from.node.request_for("GET", files_path(from.environment_id, "?path=" + query_text(path)));
    const std::stop_callback ending{from.node.interrupted, [&client] { client->cancel(); }};
    download to{last_name(path), destination};
    auto asked = client->ask_streamed(
        request, [&](std::string_view piece) { return to.take(piece); },
        [&](const http::response& head) { to.begin(head); });
    return to.finish(std::move(asked));
}

} // namespace gestvenv::cli
