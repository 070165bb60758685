// SPDX-License-Identifier: MIT
#include "tools/gestvenv/doctor/diagnosis.hpp"

#include "messages/text_encoding.hpp"
#include "system/python/backends/registry.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace gestvenv::cli {

namespace {

constexpr std::size_t longest_reason = 300;

/// With that interpreter; where nothing was tried: is there.
bool works(const found_backend& one, const diagnosis& found, std::size_t interpreter) {
    if (found.quick)
        return one.available;
    return std::any_of(found.installations.begin(), found.installations.end(), [&](const installation& cell) {
        return cell.interpreter == interpreter && cell.kind == one.kind &&
               cell.result == installation::state::works;
    });
}

/// Empty where a backend that is needed works.
std::string complaint_on_backends(const diagnosis& found, std::size_t interpreter) {
    std::vector<const found_backend*> needed;
    const found_backend* other = nullptr;
    for (const auto& one : found.backends) {
        if (one.needed && works(one, found, interpreter))
            return {};
        if (one.needed)
            needed.push_back(&one);
        else if (other == nullptr && works(one, found, interpreter))
            other = &one;
    }
    const auto& version = found.interpreters[interpreter].version;
    if (needed.size() != 1 || needed.size() == found.backends.size())
        return found.quick ? "there is no backend that could install packages"
                           : fmt::format("no backend works with Python {}", version);
    auto text = found.quick
                    ? fmt::format("{}, the configured backend, is not installed", to_string(needed[0]->kind))
                    : fmt::format("{}, the configured backend, does not work with Python {}",
                                  to_string(needed[0]->kind), version);
    if (other != nullptr)
        text += fmt::format(" ({0} {1}: gestvenv config set default_backend {0})", to_string(other->kind),
                            found.quick ? "is there" : "does");
    return text;
}

/// Control characters, line ends among them, become single spaces.
std::string on_one_line(std::string_view text) {
    std::string line;
    for (char letter : replace_invalid_utf8(text)) {
        auto byte = static_cast<unsigned char>(letter);
        bool space = byte <= 0x20 || byte == 0x7F;
        if (!space)
            line += letter;
        else if (!line.empty() && line.back() != ' ')
            line += ' ';
    }
    while (!line.empty() && line.back() == ' ')
        line.pop_back();
    return line;
}

void cut(std::string& text, std::size_t length) {
    if (text.size() <= length)
        return;
    while (length > 0 && (static_cast<unsigned char>(text[length]) & 0xC0) == 0x80)
        --length; // never inside a character
    text.resize(length);
    text += " ...";
}

} // namespace

std::string_view to_string(ability::group value) noexcept {
    switch (value) {
    case ability::group::processes:
        return "processes";
    case ability::group::storage:
        return "storage";
    case ability::group::limits:
        return "limits";
    case ability::group::node:
        break;
    }
    return "node";
}

std::string_view to_string(installation::state value) noexcept {
    switch (value) {
    case installation::state::works:
        return "works";
    case installation::state::fails:
        return "no";
    case installation::state::unsupported:
        return "unsupported";
    case installation::state::not_tried:
        break;
    }
    return "not_tried";
}

std::vector<std::string> complaints(const diagnosis& found) {
    std::vector<std::string> all;
    for (const auto& one : found.abilities)
        if (one.needed && !one.available)
            all.push_back(fmt::format("no environment can be made: {}", one.missing.why));
    if (!all.empty()) // the rest only follows from it
        return all;
    bool some_needed = false;
    for (std::size_t index = 0; index < found.interpreters.size(); ++index) {
        const auto& one = found.interpreters[index];
        if (!one.needed)
            continue;
        some_needed = true;
        if (!one.missing.why.empty())
            all.push_back(one.missing.why);
        else if (auto text = complaint_on_backends(found, index); !text.empty())
            all.push_back(std::move(text));
    }
    if (!some_needed)
        all.emplace_back("there is no interpreter of Python");
    return all;
}

installation::state judge(const error& problem, bool tool_is_there) noexcept {
    auto says = [&](std::string_view words) { return problem.message.find(words) != std::string::npos; };
    // The backends have no code of their own for it: what they refuse is a failure like any other.
    if (says(" does not support Python ") || says(" cannot install without a network"))
        return installation::state::unsupported;
    if (problem.code == error_code::backend_not_found && tool_is_there && says("there is no ") &&
        says(" for Python "))
        return installation::state::unsupported;
    return installation::state::fails;
}

shortcoming in_short(const error& problem, backend kind) {
    auto why = on_one_line(problem.message);
    const auto prefix = fmt::format("{} could not install: ", to_string(kind));
    if (why.starts_with(prefix))
        why.erase(0, prefix.size());
    cut(why, longest_reason);
    auto remedy = on_one_line(problem.hint);
    cut(remedy, longest_reason);
    return {std::move(why), std::move(remedy)};
}

std::string command_for(backend kind, const std::string& tools_folder, bool has_venv) {
    const std::string before =
        has_venv ? "tools/bootstrap, or: " : "tools/bootstrap, or: apt-get install python3-venv && ";
    auto tool = python::find_backend(kind);
    if (!tool)
        return "tools/bootstrap";
    if ((*tool)->shares_tools_folder())
        return before + fmt::format("python3 -m venv {0} && {0}/bin/pip install --upgrade {1}", tools_folder,
                                    (*tool)->requirement());
    return before +
           fmt::format("python3 -m venv {0}/{1} && {0}/{1}/bin/pip install {2} && mkdir -p {0}/bin && "
                       "ln -sfn ../{1}/bin/{1} {0}/bin/{1}",
                       tools_folder, (*tool)->name(), (*tool)->requirement());
}

std::string advice_offline(backend kind) {
    auto tool = python::find_backend(kind);
    return tool && (*tool)->offline() == python::offline_source::cache
               ? fmt::format("fill its cache once with a network: gestvenv doctor --backend {}",
                             (*tool)->name())
               : "put wheels into a folder and name that in PIP_FIND_LINKS, or do without --offline";
}

} // namespace gestvenv::cli
