// SPDX-License-Identifier: MIT
#include "tools/gestvenv/console/tree_text.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <string_view>
#include <vector>

namespace gestvenv::cli {

namespace {

struct tree_node {
    std::string text;
    std::vector<tree_node> below;
};

std::string text_at(const nlohmann::json& of, const char* key) {
    const auto found = of.find(key);
    return found != of.end() && found->is_string() ? found->get<std::string>() : std::string{};
}

std::int64_t number_at(const nlohmann::json& of, const char* key) {
    const auto found = of.find(key);
    return found != of.end() && found->is_number() ? found->get<std::int64_t>() : 0;
}

// Whatever is a list of objects in it is below it, and so is an object with a name.
tree_node node_of(const nlohmann::json& what) {
    auto name = text_at(what, "name");
    const auto id = text_at(what, "id");
    if (name.empty())
        name = id;
    else if (!id.empty())
        name += fmt::format(" ({})", id.substr(0, 8));
    tree_node node{name, {}};
    if (const auto state = text_at(what, "state"); !state.empty())
        node.text += fmt::format("  {}", state);
    if (const auto strategy = text_at(what, "strategy"); !strategy.empty())
        node.text += fmt::format("  {}", strategy);
    if (const auto restarts = number_at(what, "restarts"); restarts > 0)
        node.text += fmt::format("  started again {} times", restarts);
    for (const auto& [key, value] : what.items()) {
        if (value.is_object() && value.contains("name"))
            node.below.push_back(node_of(value));
        if (!value.is_array())
            continue;
        for (const auto& one : value)
            if (one.is_object())
                node.below.push_back(node_of(one));
    }
    return node;
}

void write(const tree_node& node, const std::string& before, std::string& text) {
    for (std::size_t index = 0; index < node.below.size(); ++index) {
        const bool is_last = index + 1 == node.below.size();
        text += fmt::format("{}{}{}\n", before, is_last ? "└─ " : "├─ ", node.below[index].text);
        write(node.below[index], before + (is_last ? "   " : "│  "), text);
    }
}

} // namespace

std::string tree_text(const nlohmann::json& tree) {
    const auto root = node_of(tree);
    auto text = root.text + "\n";
    write(root, {}, text);
    return text;
}

} // namespace gestvenv::cli
