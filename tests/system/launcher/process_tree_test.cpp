// SPDX-License-Identifier: MIT
// A look at /proc takes its time, and processes come and go meanwhile.
#include "system/launcher/process_tree.hpp"
#include "system/posix/descriptor.hpp"
#include "system/posix/process_handle.hpp"
#include "tests/support/fault_hook.hpp"

#include <catch2/catch_test_macros.hpp>

#include <sys/prctl.h>
#include <sys/wait.h>

#include <array>
#include <chrono>
#include <csignal>
#include <fcntl.h>
#include <functional>
#include <unistd.h>

using namespace gestvenv;
using namespace gestvenv::test;
using namespace std::chrono_literals;

namespace {

/// Adopts orphans and reaps none. Its child ends when it is told to, and leaves one that was born then.
class idle_subreaper {
public:
    idle_subreaper() {
        std::array<int, 2> orders{};
        std::array<int, 2> answers{};
        REQUIRE(::pipe2(orders.data(), O_CLOEXEC) == 0);
        REQUIRE(::pipe2(answers.data(), O_CLOEXEC) == 0);
        pid_ = ::fork();
        REQUIRE(pid_ >= 0);
        if (pid_ == 0)
            run(orders[0], answers[1]);
        descriptor{orders[0]}.reset();
        descriptor{answers[1]}.reset();
        orders_ = descriptor{orders[1]};
        answers_ = descriptor{answers[0]};
        REQUIRE(hear() == answer{'r', 0}); // the child is there
    }
    idle_subreaper(const idle_subreaper&) = delete;
    idle_subreaper& operator=(const idle_subreaper&) = delete;
    ~idle_subreaper() {
        kill_descendants(pid_, 5s);
        ::kill(pid_, SIGKILL);
        ::waitpid(pid_, nullptr, 0);
    }

    pid_t pid() const noexcept { return pid_; }

    /// The child ends, and is a zombie when this returns. What it has left.
    pid_t end_child() {
        REQUIRE(::write(orders_.get(), "e", 1) == 1);
        auto left = hear();
        REQUIRE(left.what == 'l');
        REQUIRE(hear() == answer{'z', 0});
        return left.pid;
    }

private:
    struct answer {
        char what = 0;
        pid_t pid = 0;
        friend bool operator==(const answer&, const answer&) = default;
    };

    answer hear() const {
        answer heard;
        REQUIRE(::read(answers_.get(), &heard, sizeof heard) == sizeof heard);
        return heard;
    }

    [[noreturn]] static void run(int orders, int answers) {
        auto tell = [answers](answer what) { (void)!::write(answers, &what, sizeof what); };
        ::prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
        if (::fork() == 0) {
            tell({'r', 0});
            char order = 0;
            (void)!::read(orders, &order, 1);
            auto late = ::fork();
            if (late == 0)
                for (;;)
                    ::pause();
            tell({'l', late});
            ::_exit(0);
        }
        siginfo_t ended{};
        ::waitid(P_ALL, 0, &ended, WEXITED | WNOWAIT);
        tell({'z', 0});
        for (;;)
            ::pause();
    }

    pid_t pid_ = -1;
    descriptor orders_;
    descriptor answers_;
};

/// The child of `tree` ends while the first look is taken. What it has left.
pid_t leave_one_during_a_look(idle_subreaper& tree, const std::function<void()>& look) {
    pid_t late = -1;
    fault_hook birth{"tree: has a list of all processes", [&] {
                         if (late < 0)
                             late = tree.end_child();
                     }};
    look();
    REQUIRE(late > 0);
    return late;
}

} // namespace

TEST_CASE("a process that is born during a look, of a parent that ends during it, is killed all the same") {
    idle_subreaper tree;
    auto late = leave_one_during_a_look(tree, [&] { CHECK(kill_descendants(tree.pid(), 5s).empty()); });
    auto ended = open_process(late);
    REQUIRE(ended); // its parent does not reap it
    CHECK(has_ended(*ended, 0ms));
}

TEST_CASE(
    "a pass during which a child has ended is not complete, and the next one finds what that child left") {
    idle_subreaper tree;
    killing_pass pass;
    auto late = leave_one_during_a_look(tree, [&] { pass = kill_descendants_once(tree.pid()); });
    CHECK_FALSE(pass.complete);
    CHECK(pass.found.empty());
    pass = kill_descendants_once(tree.pid());
    REQUIRE(pass.found.size() == 1);
    CHECK(pass.found.front().pid == late);
}
