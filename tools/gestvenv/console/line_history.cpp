// SPDX-License-Identifier: MIT
#include "tools/gestvenv/console/line_history.hpp"

#include "system/posix/descriptor.hpp"
#include "system/posix/system_failure.hpp"
#include "tools/gestvenv/output/output.hpp"

#include <fmt/format.h>

#include <array>
#include <cerrno>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>

namespace gestvenv::cli {

namespace {

constexpr std::size_t most_read = std::size_t{4} << 20;

/// The file, locked, which its user alone can read.
outcome<descriptor> open_locked(const std::filesystem::path& path, int flags) {
    descriptor file{::open(path.c_str(), flags | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600)};
    if (!file)
        return system_failure(errno, fmt::format("cannot open {}", path.string()));
    struct stat found {};
    if (::fstat(file.get(), &found) != 0 || !S_ISREG(found.st_mode))
        return failure(error_code::system_failure, fmt::format("{} is no file", path.string()));
    if ((found.st_mode & 077) != 0 && ::fchmod(file.get(), 0600) != 0)
        return system_failure(errno, fmt::format("others can read {}", path.string()));
    // For the moment in which another console writes a line.
    while (::flock(file.get(), LOCK_EX) != 0)
        if (errno != EINTR)
            return system_failure(errno, fmt::format("cannot lock {}", path.string()));
    return file;
}

/// A line of the file for one that may have line ends itself.
std::string encoded(std::string_view line) {
    std::string text;
    for (char c : line) {
        if (c == '\\' || c == '\n')
            text += '\\';
        text += c == '\n' ? 'n' : c;
    }
    return text + "\n";
}

std::string decoded(std::string_view text) {
    std::string line;
    for (std::size_t index = 0; index < text.size(); ++index) {
        if (text[index] == '\\' && index + 1 < text.size())
            line += text[++index] == 'n' ? '\n' : text[index];
        else
            line += text[index];
    }
    return line;
}

outcome<std::string> text_of(int file, const std::filesystem::path& path) {
    const auto size = ::lseek(file, 0, SEEK_END);
    const auto most = static_cast<off_t>(most_read);
    ::lseek(file, size > most ? size - most : 0, SEEK_SET);
    std::string text;
    std::array<char, 65536> piece{};
    for (;;) {
        const auto count = ::read(file, piece.data(), piece.size());
        if (count == 0)
            return text;
        if (count < 0 && errno != EINTR)
            return system_failure(errno, fmt::format("cannot read {}", path.string()));
        if (count > 0)
            text.append(piece.data(), static_cast<std::size_t>(count));
    }
}

template <class Container>
void keep_last(Container& lines, std::size_t most) {
    if (lines.size() > most)
        lines.erase(lines.begin(), lines.end() - static_cast<std::ptrdiff_t>(most));
}

} // namespace

outcome<void> line_history::load() {
    std::error_code problem;
    if (!std::filesystem::exists(file_, problem))
        return {};
    auto file = open_locked(file_, O_RDWR);
    if (!file)
        return failure(std::move(file).error());
    auto text = text_of(file->get(), file_);
    if (!text)
        return failure(std::move(text).error());
    for (std::size_t begin = 0; begin < text->size();) {
        const auto end = std::min(text->find('\n', begin), text->size());
        if (end > begin)
            lines_.push_back(decoded(std::string_view{*text}.substr(begin, end - begin)));
        begin = end + 1;
    }
    const bool is_long = lines_.size() >= 2 * most_lines || text->size() >= most_read;
    keep_last(lines_, most_lines);
    if (!is_long)
        return {};
    std::string kept;
    for (const auto& line : lines_)
        kept += encoded(line);
    if (::ftruncate(file->get(), 0) != 0 || ::lseek(file->get(), 0, SEEK_SET) != 0 ||
        !write_all(file->get(), kept))
        return system_failure(errno, fmt::format("cannot write {}", file_.string()));
    return {};
}

outcome<void> line_history::add(std::string_view line) {
    if (line.empty() || line.front() == ' ' || line.front() == '\t' || line.size() > longest_line)
        return {};
    if (!lines_.empty() && lines_.back() == line)
        return {};
    lines_.emplace_back(line);
    keep_last(lines_, most_lines);
    std::error_code problem;
    std::filesystem::create_directories(file_.parent_path(), problem);
    auto file = open_locked(file_, O_WRONLY | O_APPEND | O_CREAT);
    if (!file)
        return failure(std::move(file).error());
    if (!write_all(file->get(), encoded(line)))
        return system_failure(errno, fmt::format("cannot write {}", file_.string()));
    return {};
}

outcome<void> line_history::clear() {
    lines_.clear();
    if (::unlink(file_.c_str()) != 0 && errno != ENOENT)
        return system_failure(errno, fmt::format("cannot remove {}", file_.string()));
    return {};
}

} // namespace gestvenv::cli
