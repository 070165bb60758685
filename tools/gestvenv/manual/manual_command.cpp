// SPDX-License-Identifier: MIT
#include "tools/gestvenv/manual/manual_command.hpp"

#include "system/posix/system_failure.hpp"
#include "tools/gestvenv/commands.hpp"
#include "tools/gestvenv/exit_status.hpp"
#include "tools/gestvenv/manual/manual_page.hpp"
#include "tools/gestvenv/options/option_values.hpp"
#include "tools/gestvenv/output/output.hpp"

#include <fmt/format.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

namespace gestvenv::cli {

namespace {

struct manual_request : command_request {
    std::string folder;
};

outcome<void> take_folder(manual_request& request, operand_words operands) {
    if (operands.words.size() != 1 || operands.words.front().empty())
        return wrong_operands(operands, "one folder");
    request.folder = std::move(operands.words.front());
    return {};
}

/// SOURCE_DATE_EPOCH, so that the same sources give the same pages; else none.
std::string date_of_sources() {
    const char* text = std::getenv("SOURCE_DATE_EPOCH");
    if (text == nullptr)
        return {};
    const std::string_view digits{text};
    std::int64_t seconds = 0;
    const auto [end, problem] = std::from_chars(digits.data(), digits.data() + digits.size(), seconds);
    if (problem != std::errc{} || end != digits.data() + digits.size())
        return {};
    const auto time = static_cast<std::time_t>(seconds);
    std::tm parts{};
    std::array<char, 32> date{};
    if (::gmtime_r(&time, &parts) == nullptr)
        return {};
    return {date.data(), std::strftime(date.data(), date.size(), "%Y-%m-%d", &parts)};
}

int write_pages(manual_request& request) {
    std::error_code problem;
    std::filesystem::create_directories(request.folder, problem);
    for (const auto& page : manual_pages(program_command, date_of_sources())) {
        const auto path = std::filesystem::path{request.folder} / page.name;
        std::ofstream file{path, std::ios::binary | std::ios::trunc};
        file << page.text;
        file.close();
        if (!file) {
            print_error(system_failure(errno, fmt::format("cannot write {}", path.string())).value());
            return exit_status::internal_error;
        }
    }
    return 0;
}

} // namespace

constinit const command manual_command{
    .name = "__manual",
    .description = "Writes the manual pages into a folder.",
    .operands = "FOLDER",
    .hidden = true,
    .action = acts_on<manual_request, no_options<manual_request>, take_folder, write_pages>(),
};

} // namespace gestvenv::cli
