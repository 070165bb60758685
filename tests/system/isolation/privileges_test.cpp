// SPDX-License-Identifier: MIT
// What programs may do in security mode restricted, and what they may not.
#include "system/isolation/privileges.hpp"
#include "tests/support/machine_fixture.hpp"

#include <catch2/catch_test_macros.hpp>

#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>
#include <string>
#include <unistd.h>

using namespace gestvenv;
using test::each_containment;
using test::machine_fixture;

namespace {

constexpr unsigned stranger = 12345;

// A folder of another user, closed to all others, with a file in it.
std::filesystem::path strangers_folder(const machine_fixture& f) {
    auto folder = f.root.path() / "checkout";
    std::filesystem::create_directory(folder);
    std::ofstream{folder / "file"} << "content\n";
    for (const auto& path : {folder / "file", folder}) {
        REQUIRE(::chown(path.c_str(), stranger, stranger) == 0);
        std::filesystem::permissions(path, std::filesystem::perms::owner_all);
    }
    return folder;
}

// The sets of capabilities in a /proc/PID/status.
std::map<std::string, std::uint64_t> sets_in(const std::string& status) {
    std::map<std::string, std::uint64_t> sets;
    std::istringstream lines{status};
    for (std::string line; std::getline(lines, line);)
        if (line.starts_with("Cap") || line.starts_with("NoNewPrivs"))
            sets[line.substr(0, line.find(':'))] = std::stoull(line.substr(line.find(':') + 1), nullptr, 16);
    return sets;
}

std::map<std::string, std::uint64_t> own_sets() {
    std::ostringstream text;
    text << std::ifstream{"/proc/self/status"}.rdbuf();
    return sets_in(text.str());
}

} // namespace

TEST_CASE("root works in a folder of another user") {
    if (::geteuid() != 0)
        SKIP("for root only");
    machine_fixture f{each_containment()};
    auto folder = strangers_folder(f);
    auto request = f.shell("cat file && echo more > new && chown 12345:12345 new && chmod 600 new && "
                           "mkdir inner && mv file inner && stat -c %u new");
    request.program.working_directory = folder;
    auto result = f.run(std::move(request));
    REQUIRE(result);
    CHECK(result->stderr_text.empty());
    CHECK(result->stdout_text == "content\n12345\n");
}

TEST_CASE("a restricted root becomes another user, and then has no capability") {
    if (::geteuid() != 0)
        SKIP("for root only");
    machine_fixture f{each_containment()};
    auto result = f.run(
        "exec python3 -c '\n"
        "import os\n"
        "os.setgroups([]); os.setgid(12345); os.setuid(12345)\n"
        "os.execvp(\"grep\", [\"grep\", \"-E\", \"^(Cap(Prm|Eff|Inh|Amb)|Uid)\", \"/proc/self/status\"])'");
    REQUIRE(result);
    CHECK(result->stdout_text.find("Uid:\t12345\t12345") != std::string::npos);
    for (const auto& [name, set] : sets_in(result->stdout_text)) {
        INFO(name);
        CHECK(set == 0);
    }
}

TEST_CASE("a restricted program has a container's capabilities as root, and none as an ordinary user") {
    machine_fixture f{each_containment()};
    auto result = f.run("cat /proc/self/status");
    REQUIRE(result);
    auto sets = sets_in(result->stdout_text);
    auto own = own_sets();
    auto expected = ::geteuid() == 0 ? own["CapBnd"] & capabilities_of_restricted_root() : 0;
    CHECK(sets["NoNewPrivs"] == 1);
    CHECK(sets["CapPrm"] == expected);
    CHECK(sets["CapEff"] == expected);
    CHECK(sets["CapInh"] == 0);
    CHECK(sets["CapAmb"] == 0);
    if (::geteuid() == 0)
        CHECK(sets["CapBnd"] == expected);
}

TEST_CASE("a permissive program keeps what its caller has") {
    if (::geteuid() != 0)
        SKIP("for root only");
    machine_fixture f;
    auto request = f.shell("cat /proc/self/status");
    request.program.keep_privileges = true;
    auto result = f.run(std::move(request));
    REQUIRE(result);
    CHECK(sets_in(result->stdout_text)["CapEff"] == own_sets()["CapBnd"]);
}

TEST_CASE("a restricted root mounts nothing, makes no device and no raw socket, and enters no namespace") {
    if (::geteuid() != 0)
        SKIP("for root only");
    machine_fixture f{each_containment()};
    auto result =
        f.run("exec python3 -c '\n"
              "import ctypes, errno, os, socket, stat\n"
              "libc = ctypes.CDLL(None, use_errno=True)\n"
              "def told(name, call):\n"
              "    try: result = call()\n"
              "    except OSError as why: return print(name, errno.errorcode[why.errno])\n"
              "    print(name, errno.errorcode[ctypes.get_errno()] if result == -1 else \"done\")\n"
              "told(\"mount\", lambda: libc.mount(b\"none\", b\"/tmp\", b\"tmpfs\", 0, None))\n"
              "told(\"mknod\", lambda: os.mknod(\"device\", stat.S_IFCHR | 0o600, os.makedev(1, 3)))\n"
              "told(\"raw\", lambda: socket.socket(socket.AF_INET, socket.SOCK_RAW, 1))\n"
              "told(\"setns\", lambda: libc.setns(os.open(\"/proc/self/ns/net\", 0), 0))\n"
              "told(\"unshare\", lambda: libc.unshare(0x00020000))\n"
              "told(\"name\", lambda: libc.sethostname(b\"x\", 1))\n'");
    REQUIRE(result);
    CHECK(result->stderr_text.empty());
    CHECK(result->stdout_text ==
          "mount EPERM\nmknod EPERM\nraw EPERM\nsetns EPERM\nunshare EPERM\nname EPERM\n");
}

TEST_CASE("where a restricted root is refused for want of a capability, the mode that keeps them is named") {
    if (::geteuid() != 0)
        SKIP("for root only");
    machine_fixture f{each_containment()};
    auto program = f.root.path() / "ping";
    std::filesystem::copy_file("/bin/true", program);
    if (!f.run("exit 0") || std::system(("setcap cap_net_raw+ep " + program.string()).c_str()) != 0)
        SKIP("there is no setcap here, or the folder keeps no file capabilities");
    auto request = [&] {
        auto made = f.shell("");
        made.program.arguments = {program.string()};
        return made;
    };
    auto told = f.run(request());
    REQUIRE_FALSE(told);
    CHECK(told.error().code == error_code::command_not_executable);
    CHECK(told.error().hint.find("--security permissive") != std::string::npos);
    auto permissive = request();
    permissive.program.keep_privileges = true;
    auto result = f.run(std::move(permissive));
    CHECK(result);
}

TEST_CASE("a file that is not executable is no matter of the mode") {
    machine_fixture f;
    auto request = f.shell("");
    REQUIRE(f.run("echo x > data"));
    request.program.arguments = {"./data"};
    auto told = f.run(std::move(request));
    REQUIRE_FALSE(told);
    CHECK(told.error().hint.find("permissive") == std::string::npos);
}
