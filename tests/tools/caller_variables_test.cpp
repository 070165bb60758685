#include "tools/gestvenv/caller_variables.hpp"

#include <catch2/catch_test_macros.hpp>

#include <cstdlib>

using gestvenv::cli::variables_of_caller;

namespace {

/// A variable that is set as long as a test.
class set_variable {
public:
    set_variable(const char* name, const char* value) : name_(name) { ::setenv(name, value, 1); }
    set_variable(const set_variable&) = delete;
    set_variable& operator=(const set_variable&) = delete;
    ~set_variable() { ::unsetenv(name_); }

private:
    const char* name_;
};

} // namespace

TEST_CASE("nothing of the caller's is passed on unless it is named") {
    set_variable secret{"GESTVENV_TEST_SECRET", "s"};
    CHECK(variables_of_caller({}, false).empty());
    CHECK(variables_of_caller({"GESTVENV_TEST_SECRET"}, false) ==
          std::map<std::string, std::string>{{"GESTVENV_TEST_SECRET", "s"}});
    CHECK(variables_of_caller({}, true).count("GESTVENV_TEST_SECRET") == 0);
}

TEST_CASE("a named variable that is not set stays unset") {
    CHECK(variables_of_caller({"GESTVENV_TEST_UNSET", "GESTVENV_TEST"}, false).empty());
}

TEST_CASE("a command on a terminal learns which terminal it is") {
    set_variable terminal{"TERM", "xterm-256color"};
    set_variable characters{"LC_CTYPE", "C.UTF-8"};
    auto variables = variables_of_caller({}, true);
    CHECK(variables.at("TERM") == "xterm-256color");
    CHECK(variables.at("LC_CTYPE") == "C.UTF-8");
    CHECK(variables_of_caller({}, false).empty());
}
