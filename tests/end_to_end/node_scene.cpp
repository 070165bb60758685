// SPDX-License-Identifier: MIT
#include "tests/end_to_end/node_scene.hpp"

#include "tests/support/places.hpp"

#include <catch2/catch_test_macros.hpp>

#include <csignal>
#include <filesystem>

namespace gestvenv::test {

node_scene::node_scene() {
    auto runtime_folder = folder() / "run";
    std::filesystem::create_directory(runtime_folder);
    std::filesystem::permissions(runtime_folder, std::filesystem::perms::owner_all);
    auto& variables = where().variables;
    variables["XDG_RUNTIME_DIR"] = runtime_folder.string();
    for (const char* name : {"GESTVENV_NODE", "GESTVENV_TOKEN", "GESTVENV_TOKEN_FILE"})
        variables[name] = "";
}

node_scene::~node_scene() {
    try {
        if (node() != 0)
            gestvenv({"node", "stop"});
    } catch (...) { // what the test has found comes first; a node that hangs is ended
        if (auto pid = node(); pid > 0)
            ::kill(pid, SIGKILL);
    }
}

pid_t node_scene::node() const {
    auto text = content_of(record());
    return text.empty() ? 0 : nlohmann::json::parse(text)["pid"].get<pid_t>();
}

std::string node_scene::create(std::vector<std::string> words) {
    words.insert(words.begin(), {"ephemeral", "create"});
    words.insert(words.end(), {"--format", "json"});
    return json_of(std::move(words))["id"].get<std::string>();
}

nlohmann::json node_scene::json_of(std::vector<std::string> words) {
    auto result = gestvenv(words);
    INFO(result.err);
    REQUIRE(result.status == 0);
    return nlohmann::json::parse(result.out);
}

} // namespace gestvenv::test
