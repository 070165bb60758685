// SPDX-License-Identifier: MIT
// Writing a layout below an open folder: modes, a full storage, what is in the way.
#include "system/launcher/write_layout.hpp"
#include "system/posix/descriptor.hpp"
#include "tests/system/python/support.hpp"

#include <catch2/catch_test_macros.hpp>

#include <fcntl.h>
#include <string>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

using namespace gestvenv;
using namespace gestvenv::test;
using python::layout_entry;
using python::layout_entry_kind;

namespace {

descriptor open_folder(const std::filesystem::path& path) {
    return descriptor{::open(path.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC)};
}

// A tmpfs that is in no mount table, see fsopen(2); -1 where this process may not make one.
int detached_tmpfs(const char* option, const char* value) {
    auto context = static_cast<int>(::syscall(SYS_fsopen, "tmpfs", 1)); // FSOPEN_CLOEXEC
    if (context < 0)
        return -1;
    int mounted = -1;
    if (::syscall(SYS_fsconfig, context, FSCONFIG_SET_STRING, option, value, 0) == 0 &&
        ::syscall(SYS_fsconfig, context, FSCONFIG_CMD_CREATE, nullptr, nullptr, 0) == 0)
        mounted = static_cast<int>(::syscall(SYS_fsmount, context, 1, 0)); // FSMOUNT_CLOEXEC
    ::close(context);
    return mounted;
}

layout_entry file(std::string path, std::string content, std::uint16_t mode = 0644) {
    return {layout_entry_kind::file, {}, mode, std::move(path), {{{}, {}, std::move(content)}}};
}

layout_entry folder(std::string path, std::uint16_t mode = 0755) {
    return {layout_entry_kind::directory, {}, mode, std::move(path), {}};
}

const python::layout_values values{"/run/env", "one"};

} // namespace

TEST_CASE("a storage without room for the files gives storage_full") {
    descriptor tmpfs{detached_tmpfs("size", "64k")};
    if (tmpfs.get() < 0)
        SKIP("this process may not make a tmpfs");
    python::venv_layout layout{{folder("bin"), file("bin/large", std::string(100'000, 'x'))}};
    auto written = write_layout(tmpfs.get(), layout, values);
    REQUIRE_FALSE(written);
    CHECK(written.error().code == error_code::storage_full);
    CHECK(written.error().message.find("bin/large") != std::string::npos);
    CHECK_FALSE(written.error().hint.empty());
}

TEST_CASE("a storage without room for more names gives storage_full") {
    descriptor tmpfs{detached_tmpfs("nr_inodes", "3")};
    if (tmpfs.get() < 0)
        SKIP("this process may not make a tmpfs");
    python::venv_layout layout{{folder("a"), folder("b"), folder("c"), folder("d")}};
    auto written = write_layout(tmpfs.get(), layout, values);
    REQUIRE_FALSE(written);
    CHECK(written.error().code == error_code::storage_full);
}

TEST_CASE("modes are those of the layout whatever the umask, which stays as it was") {
    scratch_folder scratch;
    auto directory = open_folder(scratch.path());
    auto before = ::umask(077);
    auto written = write_layout(directory.get(),
                                {{folder("bin"), file("bin/x", "content"), file("y", "", 0755)}}, values);
    auto during = ::umask(before);
    REQUIRE(written);
    CHECK(during == 077);
    auto tree = tree_of(scratch.path());
    CHECK(tree.at("bin") == "folder 755");
    CHECK(tree.at("bin/x") == "file 644\ncontent");
    CHECK(tree.at("y") == "file 755\n");
    CHECK(written->directories == 1);
    CHECK(written->files == 2);
    CHECK(written->bytes == 7);
}

TEST_CASE("what is there already is neither overwritten nor followed") {
    scratch_folder scratch;
    auto outside = scratch / "outside";
    write_file(outside, "precious");
    std::filesystem::create_directory(scratch / "env");
    std::filesystem::create_symlink(outside, scratch.path() / "env/pyvenv.cfg");
    auto directory = open_folder(scratch / "env");
    CHECK_FALSE(write_layout(directory.get(), {{file("pyvenv.cfg", "mine")}}, values));
    CHECK(read_file(outside) == "precious");
}

TEST_CASE("a layout that would leave the folder writes nothing") {
    scratch_folder scratch;
    std::filesystem::create_directory(scratch / "env");
    auto directory = open_folder(scratch / "env");
    auto written = write_layout(directory.get(), {{file("first", "x"), file("../second", "x")}}, values);
    REQUIRE_FALSE(written);
    CHECK(written.error().code == error_code::invalid_argument);
    CHECK(tree_of(scratch.path()).size() == 1);
}

TEST_CASE("a file whose quoting is not understood is written for plain values and refused for others") {
    using namespace python;
    venv_layout layout{{{layout_entry_kind::file,
                         {},
                         0644,
                         "script",
                         {{layout_value::prompt, layout_quoting::plain_only, {}}}}}};
    scratch_folder scratch;
    auto directory = open_folder(scratch.path());
    auto refused = write_layout(directory.get(), layout, {"/run/env", "two words"});
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == error_code::invalid_argument);
    CHECK(write_layout(directory.get(), layout, {"/run/env", "plain"}));
    CHECK(read_file(scratch / "script") == "plain");
}

TEST_CASE("a folder that may not be written gives permission_denied") {
    if (::geteuid() == 0)
        SKIP("root may write everywhere");
    scratch_folder scratch;
    auto directory = open_folder("/");
    auto written = write_layout(directory.get(), {{file("gestvenv-test", "x")}}, values);
    REQUIRE_FALSE(written);
    CHECK(written.error().code == error_code::permission_denied);
}
