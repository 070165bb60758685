// SPDX-License-Identifier: MIT
#include "tools/gestvenv/doctor/diagnosis_table.hpp"

#include "tools/gestvenv/output/text_table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace gestvenv::cli {

namespace {

/// The reasons, each with one number.
class notes {
public:
    /// `[3]`; empty for what has no reason.
    std::string mark(const shortcoming& missing) {
        if (missing.why.empty())
            return {};
        auto place = std::find(all_.begin(), all_.end(), missing);
        if (place == all_.end())
            place = all_.insert(place, missing);
        return fmt::format("[{}]", place - all_.begin() + 1);
    }

    std::string text() const {
        std::string lines;
        for (std::size_t index = 0; index < all_.size(); ++index) {
            auto number = fmt::format("[{}] ", index + 1);
            lines += fmt::format("{}{}\n", number, all_[index].why);
            if (!all_[index].remedy.empty())
                lines += fmt::format("{:{}}hint: {}\n", "", number.size(), all_[index].remedy);
        }
        return lines.empty() ? lines : "\n" + lines;
    }

private:
    std::vector<shortcoming> all_;
};

std::string joined(std::string first, const std::string& second) {
    if (!first.empty() && !second.empty())
        first += ' ';
    return std::move(first) + second;
}

std::string section(const char* title, const std::vector<text_row>& rows) {
    return fmt::format("{}\n{}", title, text_table(rows));
}

std::string abilities(const diagnosis& found, notes& reasons) {
    std::string text;
    for (auto kind :
         {ability::group::processes, ability::group::storage, ability::group::limits, ability::group::node}) {
        std::vector<text_row> rows;
        for (const auto& one : found.abilities)
            if (one.kind == kind)
                rows.push_back(
                    {one.name, one.available ? "yes" : joined("no", reasons.mark(one.missing)), one.detail});
        if (!rows.empty())
            text += section(std::string{to_string(kind)}.c_str(), rows) + "\n";
    }
    return text;
}

std::string interpreters(const diagnosis& found, notes& reasons) {
    std::vector<text_row> rows;
    for (const auto& one : found.interpreters)
        rows.push_back({one.version, joined(one.path.empty() ? "no" : one.path, reasons.mark(one.missing)),
                        one.is_default ? "default" : ""});
    if (rows.empty())
        rows.push_back({"none", reasons.mark({"there is no interpreter of Python 3.6 or newer",
                                              "apt-get install python3 python3-venv"})});
    return section("interpreters", rows) + "\n";
}

std::string backends(const diagnosis& found, notes& reasons) {
    std::vector<text_row> rows;
    for (const auto& one : found.backends)
        rows.push_back({std::string{to_string(one.kind)},
                        one.available ? one.path : joined("no", reasons.mark(one.missing))});
    return section("backends", rows);
}

std::string cell(const installation& one, notes& reasons) {
    if (one.result == installation::state::works)
        return one.duration ? fmt::format("works ({:.1f} s)", one.duration->count()) : "works";
    if (one.result == installation::state::not_tried)
        return "not tried";
    return joined(std::string{to_string(one.result)}, reasons.mark(one.missing));
}

/// The version, with the path where several have that version.
std::string name_of(const found_interpreter& python, const diagnosis& found) {
    auto same = std::count_if(found.interpreters.begin(), found.interpreters.end(),
                              [&](const auto& other) { return other.version == python.version; });
    return same == 1 ? python.version : joined(python.version, python.path);
}

std::string installations(const diagnosis& found, notes& reasons) {
    if (found.installations.empty())
        return {};
    std::vector<text_row> rows{{""}};
    for (const auto& one : found.backends)
        rows.front().emplace_back(to_string(one.kind));
    for (std::size_t index = 0; index < found.interpreters.size(); ++index) {
        text_row cells{name_of(found.interpreters[index], found)};
        for (const auto& one : found.installations)
            if (one.interpreter == index)
                cells.push_back(cell(one, reasons));
        rows.push_back(std::move(cells));
    }
    return "\n" + section(found.offline ? "installing, offline" : "installing", rows);
}

} // namespace

std::string as_table(const diagnosis& found) {
    notes reasons;
    auto text = abilities(found, reasons);
    text += interpreters(found, reasons);
    text += backends(found, reasons);
    text += installations(found, reasons);
    text += reasons.text();
    if (found.quick)
        text += "\nnothing was installed (--quick); without it every backend is tried with every "
                "interpreter\n";
    if (complaints(found).empty())
        text += found.quick ? "\nall that is needed is there\n" : "\nall that is needed works\n";
    return text;
}

} // namespace gestvenv::cli
