// SPDX-License-Identifier: MIT
#include "tools/gestvenv/output/receipt_output.hpp"

#include "messages/json.hpp"
#include "tools/gestvenv/options/option_values.hpp"
#include "tools/gestvenv/output/output.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <chrono>
#include <cstdint>
#include <fcntl.h>
#include <system_error>
#include <unistd.h>

namespace gestvenv::cli {

namespace {

std::string count(std::int64_t number, const char* one, const char* several) {
    return fmt::format("{} {}", number, number == 1 ? one : several);
}

tl::unexpected<error> cannot_write(const std::string& where, int number) {
    auto code = number == ENOSPC
                    ? error_code::storage_full
                    : (number == EACCES ? error_code::permission_denied : error_code::system_failure);
    return failure(code,
                   fmt::format("the receipt cannot be written to {}: {}", shown(where),
                               std::generic_category().message(number)),
                   "the environment itself is gone; --receipt - writes to standard error");
}

} // namespace

std::string readable(const teardown_receipt& receipt) {
    const std::chrono::duration<double, std::milli> duration = receipt.duration;
    auto text = fmt::format(
        "environment  {} ({})\n"
        "ended        {}, in {:.1f} ms\n"
        "removed      {}, {}, {}, {}, {}, {}\n",
        receipt.environment_name, receipt.environment_id, to_string(receipt.reason), duration.count(),
        count(receipt.processes_killed, "process", "processes"),
        count(receipt.mounts_removed, "mount", "mounts"), count(receipt.cgroups_removed, "cgroup", "cgroups"),
        count(receipt.segments_removed, "segment", "segments"), count(receipt.files_removed, "file", "files"),
        count(receipt.bytes_removed, "byte", "bytes"));
    for (const auto& item : receipt.unattributed)
        text += fmt::format("not ours     {} {}: {}\n", item.kind, item.name, item.why);
    if (receipt.clean())
        return text + "left         nothing";
    for (const auto& left : receipt.residue)
        text += fmt::format("{}left         {} {}: {}", &left == &receipt.residue.front() ? "" : "\n",
                            left.kind, left.name, left.why);
    return text;
}

outcome<void> write_receipt(const std::string& where, const teardown_receipt& receipt) {
    const auto text = to_json_value(receipt).dump(2) + "\n";
    if (where == "-") {
        if (!write_all(STDERR_FILENO, text))
            return cannot_write(where, errno);
        return {};
    }
    int file = ::open(where.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOCTTY, 0666);
    if (file < 0)
        return cannot_write(where, errno);
    int problem = write_all(file, text) ? 0 : errno;
    // A full disk may show itself only now (close(2)).
    if (::close(file) != 0 && problem == 0)
        problem = errno;
    if (problem != 0)
        return cannot_write(where, problem);
    return {};
}

} // namespace gestvenv::cli
