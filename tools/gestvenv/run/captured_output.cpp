// SPDX-License-Identifier: MIT
#include "tools/gestvenv/run/captured_output.hpp"

#include "system/posix/descriptor.hpp"
#include "system/posix/system_failure.hpp"
#include "tools/gestvenv/output/output.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <fcntl.h>
#include <string>
#include <string_view>
#include <sys/stat.h>
#include <unistd.h>
#include <vector>

namespace gestvenv::cli {

namespace {

struct stream {
    const char* name;
    int descriptor;
    const std::string& text;
    std::int64_t bytes;
    bool cut;
    const std::filesystem::path& file;
};

/// False once there is no reader.
outcome<bool> write_to(int target, std::string_view text) {
    if (write_all(target, text))
        return true;
    if (errno == EPIPE)
        return false;
    return system_failure(errno, "cannot write the command's output");
}

outcome<void> show_file(const stream& shown, const std::filesystem::path& environment) {
    descriptor folder{::open(environment.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC)};
    descriptor output{folder ? ::openat(folder.get(), "output", O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
                             : -1};
    descriptor file{output ? ::openat(output.get(), shown.file.filename().c_str(),
                                      O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
                           : -1};
    struct stat found {};
    if (!file || ::fstat(file.get(), &found) != 0 || !S_ISREG(found.st_mode))
        return failure(error_code::system_failure,
                       fmt::format("the kept output of {} is not there any more", shown.name),
                       "the command must leave the environment's output folder alone");
    std::vector<char> buffer(std::size_t{1} << 16);
    // No more than was captured, whatever the file has become.
    for (auto left = shown.bytes; left > 0;) {
        auto most = std::min<std::size_t>(buffer.size(), static_cast<std::size_t>(left));
        auto got = ::read(file.get(), buffer.data(), most);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return system_failure(errno, "cannot read the command's kept output");
        if (got == 0)
            break;
        left -= got;
        auto written = write_to(shown.descriptor, {buffer.data(), static_cast<std::size_t>(got)});
        if (!written)
            return failure(std::move(written).error());
        if (!*written)
            break;
    }
    return {};
}

outcome<void> show(const stream& shown, const std::filesystem::path& environment) {
    auto good = shown.file.empty() ? write_to(shown.descriptor, shown.text).map([](bool) {})
                                   : show_file(shown, environment);
    if (!good || !shown.cut)
        return good;
    // What was cut need not end with its line.
    if (shown.descriptor == STDERR_FILENO)
        static_cast<void>(write_all(STDERR_FILENO, "\n"));
    print_warning(fmt::format("{} was cut: the command wrote {} bytes, more than --output-limit", shown.name,
                              shown.bytes));
    return {};
}

} // namespace

outcome<void> show_output(const operation_result& result, const std::filesystem::path& environment) {
    const stream out{"standard output",   STDOUT_FILENO,     result.stdout_text,
                     result.stdout_bytes, result.stdout_cut, result.stdout_file};
    const stream err{"standard error",    STDERR_FILENO,     result.stderr_text,
                     result.stderr_bytes, result.stderr_cut, result.stderr_file};
    return show(out, environment).and_then([&] { return show(err, environment); });
}

} // namespace gestvenv::cli
