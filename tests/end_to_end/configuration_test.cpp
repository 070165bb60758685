// SPDX-License-Identifier: MIT
// The configuration as the program's users meet it: a file, variables, options, and `gestvenv config`.
#include "tests/end_to_end/program.hpp"

#include <catch2/catch_test_macros.hpp>
#include <nlohmann/json.hpp>

#include <sys/stat.h>

using namespace gestvenv::test;

namespace {

// The scene's file, with what is to be in it.
std::filesystem::path configure(scene& place, const std::string& content, mode_t mode = 0600) {
    auto file = place.write("config.toml", content);
    ::chmod(file.c_str(), mode);
    place.where().variables["GESTVENV_CONFIG"] = file.string();
    return file;
}

nlohmann::json shown(scene& place, std::vector<std::string> before = {}) {
    before.insert(before.end(), {"config", "show", "--origin", "--format", "json"});
    auto result = place.gestvenv(before);
    INFO(result.err);
    REQUIRE(result.status == 0);
    return nlohmann::json::parse(result.out);
}

bool says(const finished& result, const std::string& part) {
    return result.err.find(part) != std::string::npos;
}

} // namespace

TEST_CASE("a value comes from the variable, else from the file with its line, else it is the default") {
    scene place;
    auto file = configure(place, "[ephemeral]\nmax_concurrent = 7\ndefault_ttl = \"10m\"\n");
    place.where().variables["GESTVENV_EPHEMERAL_TTL"] = "90";
    auto all = shown(place);
    CHECK(all["default_ttl"]["value"] == 90);
    CHECK(all["default_ttl"]["origin"] == "variable");
    CHECK(all["default_ttl"]["where"] == "GESTVENV_EPHEMERAL_TTL");
    CHECK(all["max_concurrent"]["value"] == 7);
    CHECK(all["max_concurrent"]["origin"] == "file");
    CHECK(all["max_concurrent"]["where"] == file.string() + ":2");
    CHECK(all["storage_backend"]["origin"] == "default");
}

TEST_CASE("the option --config names another file, which must be there") {
    scene place;
    configure(place, "[ephemeral]\nmax_concurrent = 7\n");
    auto other = place.write("other.toml", "[ephemeral]\nmax_concurrent = 8\n");
    ::chmod(other.c_str(), 0600);
    CHECK(shown(place, {"--config", other.string()})["max_concurrent"]["value"] == 8);
    auto missing = place.gestvenv({"--config", "missing.toml", "config", "show"});
    CHECK(missing.status == 2);
    CHECK(says(missing, "missing.toml"));
}

TEST_CASE("what the configuration says holds for `run`, and an option of `run` is stronger") {
    scene place;
    configure(place, "[ephemeral]\nstorage_backend = \"disk\"\nbase_storage_path = \"" +
                         (place.folder() / "storage").string() + "\"\n");
    auto storage_of = [&](std::vector<std::string> options) {
        options.insert(options.begin(), {"-v", "run"});
        options.emplace_back("true");
        return place.gestvenv(options).err;
    };
    CHECK(storage_of({}).find("storage disk") != std::string::npos);
    CHECK(storage_of({"--storage", "tmpfs"}).find("storage tmpfs") != std::string::npos);
    place.where().variables["GESTVENV_EPHEMERAL_STORAGE"] = "memory";
    CHECK(storage_of({}).find("storage memory") != std::string::npos);
}

TEST_CASE("a mistake in the configuration starts nothing and says where it is and what is accepted") {
    scene place;
    auto refused = [&](const std::string& content) {
        configure(place, content);
        auto result = place.gestvenv({"run", "echo", "output"});
        CHECK(result.status == 2);
        CHECK(result.out.empty());
        CHECK(says(result, "hint: "));
        return result;
    };
    auto unknown = refused("[ephemeral]\nmax_concurent = 7\n");
    CHECK(says(unknown, "config.toml:2"));
    CHECK(says(unknown, "did you mean max_concurrent?"));
    auto wrong_type = refused("[ephemeral]\n\nmax_concurrent = \"many\"\n");
    CHECK(says(wrong_type, "config.toml:3"));
    CHECK(says(wrong_type, "a whole number from 1 to 100000"));
    CHECK(says(refused("[ephemeral]\ndefault_ttl = -1\n"), "1 to 315532800"));
    CHECK(says(refused("[ephemeral\n"), "config.toml:1"));
    CHECK(says(refused("[other]\n"), "[ephemeral]"));
    CHECK(says(refused("[ephemeral]\nenable_template_cache = true\n"), "no template cache yet"));
    configure(place, "");
    place.where().variables["GESTVENV_EPHEMERAL_MAX_CONCURRENT"] = "none";
    auto variable = place.gestvenv({"run", "true"});
    CHECK(variable.status == 2);
    CHECK(says(variable, "GESTVENV_EPHEMERAL_MAX_CONCURRENT"));
}

TEST_CASE("a file that others can write is refused, with the command that mends it") {
    scene place;
    auto file = configure(place, "[ephemeral]\n", 0666);
    auto result = place.gestvenv({"run", "true"});
    CHECK(result.status != 0);
    CHECK(says(result, "can be written by others"));
    CHECK(says(result, "chmod go-w"));
    CHECK(place.shell("chmod go-w " + file.string() + " && \"$GESTVENV\" run true").status == 0);
}

TEST_CASE("setting and resetting a key leaves comments and the other keys alone") {
    scene place;
    auto file = configure(place, "# mine\n[ephemeral]\nmax_concurrent = 7 # few\n");
    CHECK(place.gestvenv({"config", "set", "default_ttl", "10m"}).status == 0);
    CHECK(content_of(file) == "# mine\n[ephemeral]\nmax_concurrent = 7 # few\ndefault_ttl = 600\n");
    CHECK(place.gestvenv({"config", "set", "max_concurrent", "9"}).status == 0);
    CHECK(shown(place)["max_concurrent"]["value"] == 9);
    CHECK(content_of(file).starts_with("# mine\n"));
    CHECK(place.gestvenv({"config", "reset", "default_ttl"}).status == 0);
    CHECK(shown(place)["default_ttl"]["origin"] == "default");
    CHECK(shown(place)["max_concurrent"]["value"] == 9);

    auto before = content_of(file);
    auto refused = place.gestvenv({"config", "set", "max_concurrent", "0"});
    CHECK(refused.status == 2);
    CHECK(says(refused, "1 to 100000"));
    CHECK(place.gestvenv({"config", "set", "max_concurent", "1"}).status == 2);
    CHECK(content_of(file) == before);
}

TEST_CASE("a file is made where there is none, for its owner alone") {
    scene place;
    place.where().variables["GESTVENV_CONFIG"] = "";
    place.where().variables["XDG_CONFIG_HOME"] = (place.folder() / "home").string();
    CHECK(place.gestvenv({"config", "path"}).out ==
          (place.folder() / "home/gestvenv/config.toml\n").string());
    CHECK(place.gestvenv({"config", "set", "default_backend", "pip"}).status == 0);
    struct stat about {};
    REQUIRE(::stat((place.folder() / "home/gestvenv/config.toml").c_str(), &about) == 0);
    CHECK((about.st_mode & 0777) == 0600);
    CHECK(shown(place)["default_backend"]["value"] == "pip");
}
