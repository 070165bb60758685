// SPDX-License-Identifier: MIT
#include "system/python/layout_recording.hpp"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string_view>

namespace gestvenv::python {

namespace {

// A way a value may stand in a file.
struct needle {
    layout_value value;
    layout_quoting quoting;
    std::string text;
};

std::vector<needle> needles_of(const layout_values& values, const std::vector<layout_quoting>& quotings) {
    std::vector<needle> needles;
    auto add = [&](layout_value value, const std::string& plain) {
        for (auto quoting : quotings)
            needles.push_back({value, quoting, quoted(plain, quoting)});
    };
    add(layout_value::venv_path, values.venv_path);
    // Before the name: where no prompt was asked for, `venv` takes the name for it, and both read the same.
    if (values.prompt)
        add(layout_value::prompt, *values.prompt);
    add(layout_value::venv_name, values.venv_path.substr(values.venv_path.rfind('/') + 1));
    return needles;
}

// Cuts `text` at every value in it: the earliest first, the longest of those that begin at one place.
std::vector<layout_segment> cut(std::string_view text, const std::vector<needle>& needles) {
    std::vector<layout_segment> segments;
    while (!text.empty()) {
        const needle* found = nullptr;
        auto at = std::string_view::npos;
        for (const auto& candidate : needles) {
            auto position = text.find(candidate.text);
            if (position == std::string_view::npos)
                continue;
            if (!found || position < at || (position == at && candidate.text.size() > found->text.size())) {
                found = &candidate;
                at = position;
            }
        }
        if (auto literal = text.substr(0, at); !literal.empty())
            segments.push_back({layout_value::literal, layout_quoting::none, std::string{literal}});
        if (!found)
            break;
        segments.push_back({found->value, found->quoting, {}});
        text.remove_prefix(at + found->text.size());
    }
    return segments;
}

const recorded_entry* find(const recorded_environment& environment, std::string_view path) {
    auto has_path = [path](const recorded_entry& entry) { return entry.path == path; };
    auto it = std::find_if(environment.entries.begin(), environment.entries.end(), has_path);
    return it == environment.entries.end() ? nullptr : &*it;
}

bool reproduces(const layout_entry& entry, const recorded_environment& environment) {
    const auto* recorded = find(environment, entry.path);
    if (!recorded || recorded->kind != entry.kind || recorded->mode != entry.mode)
        return false;
    std::string text;
    layout_renderer{environment.values}.render(entry, text);
    return text == recorded->text;
}

layout_entry entry_from(const recorded_entry& recorded, layout_condition condition,
                        const std::vector<needle>& needles) {
    return {recorded.kind, condition, recorded.mode, recorded.path, cut(recorded.text, needles)};
}

// The entry that reproduces the file at `path` in both environments, which were made in the same way.
std::optional<layout_entry> describe(std::string_view path, layout_condition condition,
                                     const recorded_environment& with_quoting,
                                     const recorded_environment& plain) {
    using enum layout_quoting;
    if (const auto* recorded = find(with_quoting, path)) {
        // A quoted word and an inner part between literal quotes read the same here; the plain form tells
        // which.
        for (const auto& quotings :
             {std::vector{shell_word, shell_inner, powershell_inner, python_repr, none},
              std::vector{shell_inner, powershell_inner, python_repr, none}}) {
            auto entry = entry_from(*recorded, condition, needles_of(with_quoting.values, quotings));
            if (reproduces(entry, with_quoting) && reproduces(entry, plain))
                return entry;
        }
    }
    if (const auto* recorded = find(plain, path)) {
        auto entry = entry_from(*recorded, condition, needles_of(plain.values, {plain_only}));
        if (reproduces(entry, plain))
            return entry;
    }
    return std::nullopt;
}

tl::unexpected<error> not_understood(std::string_view path) {
    return failure(error_code::creation_failed,
                   "this interpreter's `venv` makes a file in a way that is not understood: " +
                       std::string{path},
                   "please report it with the output of `python -VV`");
}

} // namespace

outcome<venv_layout> make_layout(const layout_recording& recording) {
    venv_layout layout;
    for (const auto& recorded : recording.plain_with_prompt.entries) {
        auto entry = describe(recorded.path, layout_condition::always, recording.quoted_with_prompt,
                              recording.plain_with_prompt);
        if (!entry)
            return not_understood(recorded.path);
        bool always = reproduces(*entry, recording.plain_without_prompt) &&
                      (!layout_renderer{recording.quoted_without_prompt.values}.can_render(*entry) ||
                       reproduces(*entry, recording.quoted_without_prompt));
        if (!always)
            entry->condition = layout_condition::with_prompt;
        layout.entries.push_back(std::move(*entry));
        if (always || !find(recording.plain_without_prompt, recorded.path))
            continue;
        auto without = describe(recorded.path, layout_condition::without_prompt,
                                recording.quoted_without_prompt, recording.plain_without_prompt);
        if (!without)
            return not_understood(recorded.path);
        layout.entries.push_back(std::move(*without));
    }
    for (const auto& recorded : recording.plain_without_prompt.entries) {
        if (!find(recording.plain_with_prompt, recorded.path))
            return not_understood(recorded.path);
    }
    if (auto good = check(layout); !good)
        return failure(error_code::creation_failed, good.error().message);
    return layout;
}

} // namespace gestvenv::python
