// SPDX-License-Identifier: MIT
#include "system/launcher/write_layout.hpp"

#include "system/posix/system_failure.hpp"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace gestvenv {

namespace {

// The process's umask, out of the way for as long as this lives.
class without_umask {
public:
    without_umask() : before_{::umask(0)} {}
    without_umask(const without_umask&) = delete;
    without_umask& operator=(const without_umask&) = delete;
    ~without_umask() { ::umask(before_); }

private:
    mode_t before_;
};

class owned_descriptor {
public:
    explicit owned_descriptor(int value) : value_{value} {}
    owned_descriptor(const owned_descriptor&) = delete;
    owned_descriptor& operator=(const owned_descriptor&) = delete;
    ~owned_descriptor() {
        if (value_ >= 0)
            ::close(value_);
    }

    int get() const noexcept { return value_; }
    /// A file system may report only here that what was written found no room.
    int close() noexcept {
        int result = ::close(value_);
        value_ = -1;
        return result;
    }

private:
    int value_;
};

tl::unexpected<error> system_error(const char* what, const std::string& path, int number) {
    auto code = error_code::system_failure;
    std::string hint;
    if (number == ENOSPC || number == EDQUOT) {
        code = error_code::storage_full;
        hint = "give the environment a larger `max_disk`, or another storage backend";
    } else if (number == EACCES || number == EPERM || number == EROFS) {
        code = error_code::permission_denied;
    }
    if (hint.empty())
        hint = hint_for(number);
    return failure(code, std::string{what} + " " + path + " in the environment: " + std::strerror(number),
                   std::move(hint));
}

// Writes all of `text`; 0 or an errno.
int write_all(int file, std::string_view text) {
    while (!text.empty()) {
        auto written = ::write(file, text.data(), text.size());
        if (written < 0) {
            if (errno == EINTR)
                continue;
            return errno;
        }
        text.remove_prefix(static_cast<std::size_t>(written));
    }
    return 0;
}

outcome<void> write_file(int directory, const python::layout_entry& entry, std::string_view text) {
    constexpr int flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;
    owned_descriptor file{::openat(directory, entry.path.c_str(), flags, static_cast<mode_t>(entry.mode))};
    if (file.get() < 0)
        return system_error("cannot create", entry.path, errno);
    if (int number = write_all(file.get(), text))
        return system_error("cannot write", entry.path, number);
    if (file.close() != 0 && errno != EINTR) // Linux has closed it by then
        return system_error("cannot write", entry.path, errno);
    return {};
}

} // namespace

outcome<layout_written> write_layout(int directory, const python::venv_layout& layout,
                                     const python::layout_values& values) {
    if (auto good = python::check(values); !good)
        return failure(good.error());
    if (auto good = python::check(layout); !good)
        return failure(good.error());

    without_umask guard;
    python::layout_renderer renderer{values};
    layout_written written;
    std::string text;
    for (const auto& entry : layout.entries) {
        if (!renderer.holds(entry.condition))
            continue;
        if (!renderer.can_render(entry))
            return failure(error_code::invalid_argument,
                           "it is not known how this interpreter quotes unusual characters in " + entry.path,
                           "use a name and a path of letters, digits, `.`, `_` and `-`");
        switch (entry.kind) {
        case python::layout_entry_kind::directory:
            if (::mkdirat(directory, entry.path.c_str(), static_cast<mode_t>(entry.mode)) != 0)
                return system_error("cannot create", entry.path, errno);
            ++written.directories;
            break;
        case python::layout_entry_kind::symlink:
            renderer.render(entry, text);
            if (::symlinkat(text.c_str(), directory, entry.path.c_str()) != 0)
                return system_error("cannot create", entry.path, errno);
            ++written.symlinks;
            break;
        case python::layout_entry_kind::file: {
            std::string_view content;
            if (entry.content.size() == 1) { // written as it stands, without a copy
                content = renderer.text_of(entry.content.front());
            } else {
                renderer.render(entry, text);
                content = text;
            }
            if (auto done = write_file(directory, entry, content); !done)
                return failure(done.error());
            ++written.files;
            written.bytes += content.size();
            break;
        }
        }
    }
    return written;
}

} // namespace gestvenv
