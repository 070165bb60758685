// SPDX-License-Identifier: MIT
#include "net/page/page_cookie.hpp"
#include "net/page/page_sessions.hpp"

#include <catch2/catch_test_macros.hpp>

#include <string>
#include <vector>

using namespace gestvenv;
using namespace std::chrono_literals;
using page::page_sessions;

namespace {

struct clocked_sessions {
    page_sessions::clock::time_point now{};
    page_sessions sessions{[this] { return now; }};

    std::string enter(rest::right may = rest::right::admin) {
        auto link = sessions.invite(may);
        REQUIRE(link);
        auto secret = sessions.redeem(*link);
        REQUIRE(secret);
        return *secret;
    }
};

http::request with_cookie(std::string text) {
    http::request head;
    head.headers.add("Cookie", std::move(text));
    return head;
}

} // namespace

TEST_CASE("a link to the page is exchanged once for a session, and refused in other words after that") {
    clocked_sessions here;
    auto link = here.sessions.invite(rest::right::admin);
    REQUIRE(link);
    CHECK_FALSE(here.sessions.find(*link)); // it is no session itself
    auto secret = here.sessions.redeem(*link);
    REQUIRE(secret);
    CHECK(*secret != *link);
    auto found = here.sessions.find(*secret);
    REQUIRE(found);
    CHECK(found->who.id == "local");
    CHECK(found->who.may == rest::right::admin);
    CHECK(found->who.is_page);
    CHECK(found->left == page_sessions::session_lives);
    auto again = here.sessions.redeem(*link);
    REQUIRE_FALSE(again);
    CHECK(again.error().code == error_code::not_authenticated);
    CHECK(again.error().message.find("used already") != std::string::npos);
    CHECK(here.sessions.find(*secret)); // who was first goes on
}

TEST_CASE("a link to the page is of no use after a minute") {
    clocked_sessions here;
    auto link = here.sessions.invite(rest::right::admin);
    REQUIRE(link);
    here.now += page_sessions::link_lives - 1s;
    auto other = here.sessions.invite(rest::right::admin);
    REQUIRE(other);
    here.now += 1s;
    auto late = here.sessions.redeem(*link);
    REQUIRE_FALSE(late);
    CHECK(late.error().code == error_code::not_authenticated);
    CHECK(late.error().hint.find("gestvenv node open") != std::string::npos);
    CHECK(here.sessions.redeem(*other));
}

TEST_CASE("a session of the page ends after its time, or when it is ended") {
    clocked_sessions here;
    const auto secret = here.enter();
    const auto other = here.enter();
    here.now += page_sessions::session_lives - 1s;
    CHECK(here.sessions.find(secret));
    here.sessions.end(other);
    CHECK_FALSE(here.sessions.find(other));
    CHECK(here.sessions.find(secret));
    here.now += 1s;
    CHECK_FALSE(here.sessions.find(secret));
}

TEST_CASE("a session of the page has the right that its link was given") {
    clocked_sessions here;
    auto found = here.sessions.find(here.enter(rest::right::read));
    REQUIRE(found);
    CHECK(found->who.may == rest::right::read);
}

TEST_CASE("what was made up lets no one in to the page") {
    clocked_sessions here;
    here.enter();
    for (const std::string& text : {std::string{}, std::string{"0"}, std::string(60, 'a')}) {
        CHECK_FALSE(here.sessions.find(text));
        CHECK_FALSE(here.sessions.redeem(text));
    }
}

TEST_CASE("of too many links and sessions of the page the oldest are forgotten") {
    clocked_sessions here;
    auto first = here.sessions.invite(rest::right::admin);
    REQUIRE(first);
    for (std::size_t count = 0; count < page_sessions::most_links; ++count)
        REQUIRE(here.sessions.invite(rest::right::admin));
    CHECK_FALSE(here.sessions.redeem(*first));
    const auto oldest = here.enter();
    std::vector<std::string> others;
    for (std::size_t count = 0; count < page_sessions::most_sessions; ++count)
        others.push_back(here.enter());
    CHECK_FALSE(here.sessions.find(oldest));
    CHECK(here.sessions.find(others.front()));
}

TEST_CASE("the page's cookie is found among others, and nothing else is taken for it") {
    using rest::session_secret;
    CHECK(session_secret(with_cookie("gestvenv_page=abc")) == "abc");
    CHECK(session_secret(with_cookie("a=b; gestvenv_page=abc; c=d")) == "abc");
    CHECK(session_secret(with_cookie("a=b;gestvenv_page=abc")) == "abc");
    CHECK(session_secret(with_cookie("gestvenv_page=")) == "");
    CHECK_FALSE(session_secret(with_cookie("xgestvenv_page=abc")));
    CHECK_FALSE(session_secret(with_cookie("gestvenv_pages=abc")));
    CHECK_FALSE(session_secret(with_cookie("a=gestvenv_page=abc")));
    CHECK_FALSE(session_secret(with_cookie("gestvenv_page")));
    CHECK_FALSE(session_secret(http::request{}));
}
