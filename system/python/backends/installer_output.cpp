// SPDX-License-Identifier: MIT
#include "system/python/backends/installer_output.hpp"

#include "system/python/secrets.hpp"
#include "system/python/syntax_cursor.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace gestvenv::python {

namespace {

constexpr std::size_t most_lines = 10'000;
constexpr std::size_t longest_message = 600;

// As uv (reqwest) and pip (urllib3, requests) spell what may be gone a minute later.
constexpr std::array<std::string_view, 25> network_words{
    "connection refused",
    "all attempts to connect to",
    "connection reset",
    "connection aborted",
    "connection broken",
    "connection timed out",
    "operation timed out",
    "read timed out",
    "timed out.",
    "network is unreachable",
    "no route to host",
    "temporary failure in name resolution",
    "name or service not known",
    "dns error",
    "newconnectionerror",
    "connecttimeouterror",
    "readtimeouterror",
    "incompleteread",
    "remote end closed connection",
    "500 server error",
    "502 server error",
    "503 server error",
    "504 server error",
    "http status server error",
    "too many requests",
};

constexpr std::array<std::string_view, 3> full_storage_words{"no space left on device", "disk quota exceeded",
                                                             "os error 28"};

constexpr std::array<std::string_view, 4> certificate_words{
    "certificate_verify_failed", "certificate verify failed", "invalid peer certificate", "unknownissuer"};

constexpr std::array<std::string_view, 5> unknown_package_words{
    "was not found in the package registry", "no matching distribution found", "there is no version of",
    "unable to find candidates for", "which doesn't match any versions"};

template <std::size_t Count>
bool holds_one_of(std::string_view lower, const std::array<std::string_view, Count>& words) {
    return std::any_of(words.begin(), words.end(),
                       [lower](auto word) { return lower.find(word) != std::string_view::npos; });
}

std::string lower_of(std::string_view text) {
    std::string result{text};
    std::transform(result.begin(), result.end(), result.begin(), ascii_lower);
    return result;
}

// `ESC [ ... letter`, ECMA-48's control sequences.
std::string without_colours(std::string_view text) {
    std::string result;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '\x1b') {
            result += text[i];
            continue;
        }
        if (i + 1 == text.size() || text[i + 1] != '[')
            continue;
        i += 2;
        while (i < text.size() && !is_ascii_letter(text[i]))
            ++i;
    }
    return result;
}

std::string last_line(const tool_result& result) {
    for (const auto* text : {&result.standard_error, &result.standard_output}) {
        auto lines = lines_of(*text);
        auto it = std::find_if(lines.rbegin(), lines.rend(), [](const auto& line) { return !line.empty(); });
        if (it != lines.rend())
            return std::string{without_marks(*it)};
    }
    return {};
}

void cut(std::string& text, std::size_t length) {
    if (text.size() <= length)
        return;
    while (length > 0 && (static_cast<unsigned char>(text[length]) & 0xc0) == 0x80)
        --length; // never in the middle of a UTF-8 sequence
    text.resize(length);
    text += " ...";
}

// Below the message, one a line.
std::string last_lines_of_build(const std::vector<std::string>& lines) {
    constexpr std::size_t most_shown = 10;
    constexpr std::size_t longest_line = 160;
    std::vector<std::string> shown_lines;
    for (auto it = lines.rbegin(); it != lines.rend() && shown_lines.size() < most_shown; ++it) {
        if (without_marks(*it).empty())
            continue;
        shown_lines.push_back(without_secrets(*it));
        cut(shown_lines.back(), longest_line);
    }
    std::string text;
    for (auto it = shown_lines.rbegin(); it != shown_lines.rend(); ++it)
        text += "\n    | " + *it;
    return text;
}

std::string usual_hint(const backend_report& report, std::string_view printed) {
    if (report.failure->code == error_code::storage_full)
        return "free some space where it was written; in the environment: a larger one with --max-disk "
               "(max_disk), or "
               "--storage disk (storage_backend)";
    if (holds_one_of(printed, certificate_words))
        return "name the certificates of the index or proxy in SSL_CERT_FILE";
    if (report.network_trouble)
        return "check the network and the settings of index and proxy (PIP_INDEX_URL, UV_DEFAULT_INDEX, "
               "HTTPS_PROXY), or try again later";
    if (holds_one_of(printed, unknown_package_words))
        return "check its name and the index that is asked; there may also be no release of it for this "
               "Python";
    return {};
}

} // namespace

std::vector<std::string> lines_of(std::string_view text) {
    auto plain = without_colours(text);
    std::vector<std::string> lines;
    std::string_view rest{plain};
    while (!rest.empty()) {
        auto end = rest.find('\n');
        auto line = rest.substr(0, end);
        rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
        auto last = line.find_last_not_of(" \t\r");
        lines.emplace_back(line.substr(0, last == std::string_view::npos ? 0 : last + 1));
    }
    if (lines.size() > most_lines)
        lines.erase(lines.begin(), lines.end() - static_cast<std::ptrdiff_t>(most_lines));
    return lines;
}

std::string_view without_marks(std::string_view line) {
    while (true) {
        auto before = line.size();
        line.remove_prefix(std::min(line.find_first_not_of(" \t"), line.size()));
        for (std::string_view mark : {"×", "│", "╰─▶", "├─▶", "╰─>", "╰──"}) {
            if (line.starts_with(mark))
                line.remove_prefix(mark.size());
        }
        if (line.size() == before)
            return line;
    }
}

backend_report failed(std::string_view backend_name, const tool_result& result, failure_summary summary) {
    auto printed = lower_of(result.standard_error) + '\n' + lower_of(result.standard_output);
    backend_report report;
    report.failure.emplace();
    report.failure->code =
        holds_one_of(printed, full_storage_words) ? error_code::storage_full : error_code::install_failed;
    report.network_trouble = report.failure->code == error_code::install_failed &&
                             holds_one_of(printed, network_words) &&
                             !holds_one_of(printed, certificate_words);

    auto message = std::move(summary.message);
    if (!result.limits.empty()) {
        const auto& limit = result.limits.front();
        message = description_of(limit);
        summary.hint = remedy_for(limit);
        report.network_trouble = false;
        if (limit.limit == "max_disk")
            report.failure->code = error_code::storage_full;
    } else if (result.exit_status > 128) {
        message = fmt::format("it was ended by signal {}", result.exit_status - 128);
        if (result.exit_status == 128 + 9)
            summary.hint =
                "none of the environment's limits was met: it was killed from outside, or the machine "
                "ran out of memory";
    } else if (message.empty()) {
        message = last_line(result);
        if (message.empty())
            message = fmt::format("it ended with status {} and said nothing", result.exit_status);
    }
    message = without_secrets(message);
    cut(message, longest_message);
    report.failure->message = fmt::format("{} could not install: {}{}", backend_name, message,
                                          last_lines_of_build(summary.build_output));
    report.failure->hint = summary.hint.empty() ? usual_hint(report, printed) : without_secrets(summary.hint);
    if (report.failure->hint.empty() && !summary.build_output.empty())
        report.failure->hint =
            "building it from source failed; a version with a wheel for this Python may exist";
    cut(report.failure->hint, longest_message);
    return report;
}

} // namespace gestvenv::python
