// SPDX-License-Identifier: MIT
#include "tools/gestvenv/run/passed_descriptors.hpp"

#include "system/posix/descriptor.hpp"
#include "system/posix/read_bytes.hpp"
#include "system/posix/system_failure.hpp"
#include "tools/gestvenv/options/option_values.hpp"
#include "tools/gestvenv/output/output.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <fcntl.h>
#include <string_view>
#include <sys/mman.h>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace gestvenv::cli {

namespace {

void add_named_in(std::string_view word, std::vector<int>& found) {
    for (std::string_view folder : {"/dev/fd/", "/proc/self/fd/"})
        for (auto at = word.find(folder); at != std::string_view::npos; at = word.find(folder, at + 1)) {
            auto text = word.substr(at + folder.size());
            int number = -1;
            auto problem = std::from_chars(text.data(), text.data() + text.size(), number).ec;
            if (problem == std::errc{} && number > STDERR_FILENO && is_open(number) &&
                std::find(found.begin(), found.end(), number) == found.end())
                found.push_back(number);
        }
}

} // namespace

std::vector<int> descriptors_named_in(const std::vector<std::string>& words) {
    std::vector<int> found;
    for (const auto& word : words)
        add_named_in(word, found);
    return found;
}

bool is_open(int number) noexcept {
    return ::fcntl(number, F_GETFD) >= 0;
}

outcome<std::string> content_of(int number, std::size_t most) {
    auto refuse = [number](const std::string& why) {
        return bad_value(fmt::format("descriptor {} cannot be read: {}", number, why),
                         "name a file, or a descriptor that is open for reading");
    };
    auto text = read_bytes(number, most + 1);
    if (!text)
        return refuse(std::generic_category().message(text.error()));
    if (text->size() > most)
        return refuse(fmt::format("there are more than {} bytes in it", most));
    return std::move(*text);
}

outcome<std::string> path_of_memory_file(const std::string& content) {
    descriptor file{::memfd_create("requirements", MFD_CLOEXEC)};
    if (!file)
        return system_failure(errno, "cannot make a file in memory");
    if (!write_all(file.get(), content) || ::lseek(file.get(), 0, SEEK_SET) != 0)
        return system_failure(errno, "cannot fill a file in memory");
    return fmt::format("/dev/fd/{}", file.release());
}

} // namespace gestvenv::cli
