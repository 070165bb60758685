// SPDX-License-Identifier: MIT
#include "tools/gestvenv/run/script_metadata.hpp"

#include "messages/nearest_name.hpp"
#include "messages/shown_text.hpp"
#include "system/python/requirement.hpp"
#include "system/python/syntax_cursor.hpp"
#include "system/toml.hpp"
#include "system/toml_bounds.hpp"
#include "tools/gestvenv/options/option_values.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace gestvenv::cli {

namespace {

constexpr const char* how_it_is_written = "between `# /// script` and `# ///` each line is TOML behind `# `, "
                                          "as in: # dependencies = [\"requests\"]";

/// The next line of `rest`, which is taken off.
std::string_view take_line(std::string_view& rest) {
    const auto end = std::min(rest.find_first_of("\r\n"), rest.size());
    const auto line = rest.substr(0, end);
    rest.remove_prefix(end);
    if (rest.starts_with("\r\n"))
        rest.remove_prefix(2);
    else if (!rest.empty())
        rest.remove_prefix(1);
    return line;
}

bool is_comment(std::string_view line) {
    return line == "#" || line.starts_with("# ");
}

/// The type of the block that this line opens; empty: it opens none.
std::string_view opened_by(std::string_view line) {
    constexpr std::string_view opening = "# /// ";
    if (!line.starts_with(opening))
        return {};
    const auto type = line.substr(opening.size());
    const bool good = std::all_of(type.begin(), type.end(),
                                  [](char c) { return python::is_ascii_alphanumeric(c) || c == '-'; });
    return good ? type : std::string_view{};
}

/// Comment lines without another line between. A block is within one of them, and goes to the last `# ///`: so each has
/// one block at most.
struct comment_run {
    std::vector<std::string_view> lines;
    /// Of its first line, from 1.
    std::size_t line = 0;
};

struct found_block {
    std::string_view type;
    /// Of its opening, in the run.
    std::size_t begin = 0;
    /// Of its end.
    std::size_t end = 0;
};

std::optional<found_block> block_of(const comment_run& run) {
    const auto& lines = run.lines;
    const auto last = std::find(lines.rbegin(), lines.rend(), "# ///");
    if (last == lines.rend())
        return std::nullopt;
    const auto end = static_cast<std::size_t>(lines.rend() - last) - 1;
    for (std::size_t begin = 0; begin + 2 <= end; ++begin)
        if (auto type = opened_by(lines[begin]); !type.empty())
            return found_block{type, begin, end};
    return std::nullopt;
}

class block_search {
public:
    explicit block_search(std::string_view name) : name_(name) {}

    outcome<void> look_at(const comment_run& run) {
        auto block = block_of(run);
        if (!block)
            return {};
        if (block->type != "script") {
            const auto inner = std::find(run.lines.begin() + static_cast<std::ptrdiff_t>(block->begin),
                                         run.lines.begin() + static_cast<std::ptrdiff_t>(block->end),
                                         std::string_view{"# /// script"});
            if (inner == run.lines.begin() + static_cast<std::ptrdiff_t>(block->end))
                return {};
            return bad_value(fmt::format("{}:{}: the block `script` is within a block of type {}", name_,
                                         run.line + static_cast<std::size_t>(inner - run.lines.begin()),
                                         shown(block->type)),
                             "put an empty line between the two blocks");
        }
        const auto line = run.line + block->begin;
        if (found_)
            return bad_value(fmt::format("{}:{}: a second block `script`; the first is in line {}", name_,
                                         line, found_->line),
                             "put the metadata into one block");
        found_.emplace().line = line;
        found_->content.assign(line, '\n');
        for (auto index = block->begin + 1; index < block->end; ++index) {
            const auto text = run.lines[index];
            found_->content.append(text.size() > 2 ? text.substr(2) : std::string_view{}).append("\n");
        }
        return {};
    }

    std::optional<metadata_block> result() && { return std::move(found_); }

private:
    std::string_view name_;
    std::optional<metadata_block> found_;
};

} // namespace

outcome<std::optional<metadata_block>> find_metadata(std::string_view text, std::string_view name) {
    constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
    if (text.starts_with(byte_order_mark))
        text.remove_prefix(byte_order_mark.size());
    // Most scripts have none.
    if (text.find("# /// script") == std::string_view::npos)
        return std::nullopt;
    block_search search{name};
    comment_run run;
    for (std::size_t number = 1; !text.empty(); ++number) {
        const auto line = take_line(text);
        if (is_comment(line)) {
            if (run.lines.empty())
                run.line = number;
            run.lines.push_back(line);
            if (!text.empty())
                continue;
        }
        if (auto good = search.look_at(run); !good)
            return failure(std::move(good).error());
        run.lines.clear();
    }
    return std::move(search).result();
}

namespace {

std::string kind_of(const toml::node& node) {
    if (node.is_string())
        return "a text";
    if (node.is_array())
        return "a list";
    if (node.is_table())
        return "a table";
    if (node.is_boolean())
        return "true or false";
    return node.is_number() ? "a number" : "a date or a time";
}

/// The document of one script, field by field.
class metadata_reader {
public:
    metadata_reader(const toml::table& document, std::string_view name) : document_(document), name_(name) {}

    outcome<script_metadata> read() {
        return read_fields()
            .and_then([this] { return read_python(); })
            .and_then([this] { return read_dependencies(); })
            .and_then([this] { return read_tools(); })
            .map([this] { return std::move(result_); });
    }

private:
    std::string at(const toml::node& node) const {
        return fmt::format("{}:{}", name_, node.source().begin.line);
    }

    outcome<std::string> text_of(const toml::node& node, std::string_view what) const {
        if (const auto* text = node.as_string(); text != nullptr && !text->get().empty())
            return text->get();
        return bad_value(fmt::format("{}: {} must be a text, and is {}", at(node), what,
                                     node.is_string() ? "empty" : kind_of(node)),
                         how_it_is_written);
    }

    outcome<std::vector<std::string>> texts_of(const toml::node& node, std::string_view what) const {
        const auto* list = node.as_array();
        if (list == nullptr)
            return bad_value(
                fmt::format("{}: {} must be a list of texts, and is {}", at(node), what, kind_of(node)),
                how_it_is_written);
        std::vector<std::string> texts;
        for (const auto& item : *list) {
            auto text = text_of(item, fmt::format("an item of {}", what));
            if (!text)
                return failure(std::move(text).error());
            texts.push_back(std::move(*text));
        }
        return texts;
    }

    outcome<void> read_fields() {
        const std::vector<std::string> known{"dependencies", "requires-python", "tool"};
        for (const auto& [key, node] : document_) {
            if (std::find(known.begin(), known.end(), key.str()) != known.end())
                continue;
            auto near = nearest_name(key.str(), known);
            result_.warnings.push_back(fmt::format(
                "{}:{}: {} is no field of a script's metadata, and is ignored{}", name_,
                key.source().begin.line, shown(key.str()), near ? fmt::format("; {}?", *near) : ""));
        }
        return {};
    }

    outcome<void> read_python() {
        const auto* node = document_.get("requires-python");
        if (node == nullptr)
            return {};
        auto text = text_of(*node, "requires-python");
        if (!text)
            return failure(std::move(text).error());
        auto range = python::parse_version_range(*text);
        if (!range)
            return bad_value(fmt::format("{}: requires-python: {}", at(*node), range.error().message),
                             range.error().hint);
        result_.python = std::move(*range);
        return {};
    }

    outcome<void> read_dependencies() {
        const auto* node = document_.get("dependencies");
        if (node == nullptr)
            return {};
        auto texts = texts_of(*node, "dependencies");
        if (!texts)
            return failure(std::move(texts).error());
        for (std::size_t index = 0; index < texts->size(); ++index)
            if (auto good = python::parse_requirement((*texts)[index]); !good)
                return bad_value(fmt::format("{}: the dependencies: {}", at((*node->as_array())[index]),
                                             good.error().message),
                                 good.error().hint);
        if (auto good = python::validate_packages(*texts); !good)
            return bad_value(fmt::format("{}: the dependencies: {}", at(*node), good.error().message),
                             good.error().hint);
        result_.dependencies = std::move(*texts);
        return {};
    }

    outcome<void> read_tools() {
        const auto* tools = document_.get("tool");
        if (tools == nullptr)
            return {};
        if (!tools->is_table())
            return bad_value(fmt::format("{}: tool must be a table, and is {}", at(*tools), kind_of(*tools)),
                             how_it_is_written);
        if (const auto* own = tools->as_table()->get("gestvenv"); own != nullptr)
            result_.warnings.push_back(
                fmt::format("{}: the table tool.gestvenv is ignored: options say what it would", at(*own)));
        const auto* uv = tools->as_table()->get("uv");
        if (uv == nullptr)
            return {};
        if (!uv->is_table())
            return bad_value(fmt::format("{}: tool.uv must be a table, and is {}", at(*uv), kind_of(*uv)),
                             how_it_is_written);
        for (const auto& [key, node] : *uv->as_table())
            if (auto good = read_setting(key.str(), node); !good)
                return good;
        return {};
    }

    outcome<void> read_setting(std::string_view key, const toml::node& node) {
        const auto name = fmt::format("tool.uv.{}", key);
        auto& sources = result_.sources;
        if (key == "index-url")
            return text_of(node, name).map([&](std::string url) { sources.default_index = std::move(url); });
        if (key == "exclude-newer")
            return text_of(node, name).map([&](std::string time) {
                sources.exclude_newer = std::move(time);
            });
        if (key == "extra-index-url" || key == "find-links")
            return texts_of(node, name).map([&](std::vector<std::string> texts) {
                auto& into = key == "find-links" ? sources.find_links : sources.indexes;
                into.insert(into.end(), texts.begin(), texts.end());
            });
        if (key == "index")
            return read_indexes(node);
        return not_followed(node, name);
    }

    outcome<void> read_indexes(const toml::node& node) {
        const auto* list = node.as_array();
        if (list == nullptr ||
            !std::all_of(list->begin(), list->end(), [](const auto& item) { return item.is_table(); }))
            return bad_value(fmt::format("{}: tool.uv.index must be a list of tables", at(node)),
                             "as in: [[tool.uv.index]], then url = \"https://...\"");
        for (const auto& item : *list)
            if (auto good = read_index(*item.as_table()); !good)
                return good;
        return {};
    }

    outcome<void> read_index(const toml::table& index) {
        std::string name;
        std::string url;
        bool is_default = false;
        for (const auto& [key, node] : index) {
            const auto what = fmt::format("tool.uv.index.{}", key.str());
            if (key == "name" || key == "url") {
                auto text = text_of(node, what);
                if (!text)
                    return failure(std::move(text).error());
                (key == "name" ? name : url) = std::move(*text);
            } else if (key == "default" && node.is_boolean()) {
                is_default = node.as_boolean()->get();
            } else {
                return not_followed(node, what);
            }
        }
        if (url.empty())
            return bad_value(fmt::format("{}: an index without url", at(index)),
                             "as in: [[tool.uv.index]], then url = \"https://...\"");
        auto written = name.empty() ? url : fmt::format("{}={}", name, url);
        if (is_default)
            result_.sources.default_index = std::move(written);
        else
            result_.sources.indexes.push_back(std::move(written));
        return {};
    }

    // Ignored, it could install something else than the script means.
    tl::unexpected<error> not_followed(const toml::node& node, std::string_view what) const {
        return bad_value(fmt::format("{}: {} is not followed by gestvenv", at(node), what),
                         "of tool.uv it follows index, index-url, extra-index-url, find-links and "
                         "exclude-newer; other settings of uv can be in its uv.toml");
    }

    const toml::table& document_;
    std::string_view name_;
    script_metadata result_;
};

} // namespace

outcome<std::optional<script_metadata>> read_metadata(std::string_view text, std::string_view name) {
    auto block = find_metadata(text, name);
    if (!block)
        return failure(std::move(block).error());
    if (!*block)
        return std::nullopt;
    if (auto within = check_toml_bounds((*block)->content, name); !within)
        return bad_value(std::move(within).error().message, how_it_is_written);
    auto document = toml::parse((*block)->content);
    if (!document) {
        const auto& problem = document.error();
        return bad_value(fmt::format("{}:{}: {}", name, problem.source().begin.line, problem.description()),
                         how_it_is_written);
    }
    return metadata_reader{document.table(), name}.read().map(
        [](script_metadata read) { return std::optional{std::move(read)}; });
}

} // namespace gestvenv::cli
