// SPDX-License-Identifier: MIT
// The journal on a disk of 1 MiB that is full, and under other failures to write.
#include "system/journal/journal.hpp"

#include "system/isolation/private_mounts.hpp"
#include "system/journal/space.hpp"
#include "system/journal/sqlite.hpp"
#include "tests/support/temporary_folder.hpp"
#include "tests/system/journal/child_process.hpp"
#include "tests/system/journal/journal_support.hpp"

#include <catch2/catch_test_macros.hpp>

#include <fmt/format.h>

#include <csignal>
#include <fcntl.h>
#include <sched.h>
#include <string>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/vfs.h>
#include <vector>

using namespace gestvenv;
using test::opened;
using test::temporary_folder;

namespace {

const std::string not_permitted = "mounting is not permitted here";

/// In a child: a file system that knows no fallocate(2) over `folder`, as NFS before 4.2 and many in user space are.
std::string mount_without_allocation(const std::filesystem::path& folder) {
    if (::unshare(CLONE_NEWNS) != 0 || make_mounts_private() != 0 ||
        ::mount("none", folder.c_str(), "ramfs", MS_NOSUID | MS_NODEV, nullptr) != 0)
        return not_permitted;
    descriptor file{::open((folder / "trial").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600)};
    const bool allocates = ::fallocate(file.get(), 0, 0, 4096) == 0;
    ::unlink((folder / "trial").c_str());
    return allocates ? "it allocates" : "";
}

/// In a child: puts a tmpfs of 1 MiB over `folder`, in a mount namespace that ends with the child.
std::string mount_small_disk(const std::filesystem::path& folder) {
    if (::unshare(CLONE_NEWNS) != 0 || make_mounts_private() != 0 ||
        ::mount("small", folder.c_str(), "tmpfs", MS_NOSUID | MS_NODEV, "size=1m") != 0)
        return not_permitted;
    return {};
}

void fill_disk(const std::filesystem::path& folder) {
    auto file = ::open((folder / "filler").c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    std::string block(512, 'x');
    while (::write(file, block.data(), block.size()) > 0)
        continue;
    ::close(file);
}

bool is_full(const std::filesystem::path& folder) {
    struct statfs usage {};
    return ::statfs(folder.c_str(), &usage) == 0 && usage.f_bavail == 0;
}

outcome<std::vector<resource_id>> intend_three(journal& book, const std::string& environment) {
    std::vector<resource_record> records{
        {"storage_folder", {{"path", "/somewhere/" + environment}, {"owner", "me"}}},
        {"cgroup", {{"folders", {"/sys/fs/cgroup/" + environment}}}},
        {"keeper", nlohmann::json::object()}};
    return book.intend(environment, records);
}

/// The complaint of `call`'s error; nothing after a success.
std::string complaint(std::string_view what, const outcome<void>& result) {
    return result ? std::string{} : std::string{what} + ": " + render(result.error());
}

std::string clean_up_on_full_disk(const std::filesystem::path& folder) {
    auto book = journal::open(folder);
    if (!book)
        return render(book.error());
    std::vector<std::pair<std::string, std::vector<resource_id>>> living;
    for (int number = 0; number < 40; ++number) {
        auto name = "environment-" + std::to_string(number);
        auto given = intend_three(*book, name);
        if (!given)
            return "before the disk is full: " + render(given.error());
        living.emplace_back(name, *given);
    }
    fill_disk(folder);
    // What exists already is in the journal; something more must be refused before cleanups lack the room.
    bool refused = false;
    for (int number = 0; number < 10000 && !refused; ++number) {
        auto name = "late-" + std::to_string(number);
        auto given = intend_three(*book, name);
        if (given)
            living.emplace_back(name, *given);
        else if (given.error().code != error_code::storage_full)
            return "a full disk is reported as " + render(given.error());
        refused = !given;
    }
    if (!refused)
        return "intents were never refused";
    int ended = 0;
    for (const auto& [name, ids] : living) {
        if (auto problem = complaint("done", book->done(ids)); !problem.empty())
            return problem;
        if (++ended > 100)
            continue;
        auto end =
            book->environment_ended(name, cleanup_reason::requested, {{"receipt", std::string(400, 'x')}});
        if (auto problem = complaint("end " + std::to_string(ended), end); !problem.empty())
            return problem;
        if (auto problem = complaint("upkeep", book->maintain()); !problem.empty())
            return problem;
    }
    if (!book->unfinished()->empty() ||
        book->receipts()->size() != static_cast<std::size_t>(std::min(ended, 100)))
        return "something is missing";
    return is_full(folder) ? "" : "the disk was not full";
}

std::string reopen_on_full_disk(const std::filesystem::path& folder) {
    {
        auto book = journal::open(folder);
        if (!book)
            return render(book.error());
        for (int number = 0; number < 30; ++number)
            if (!intend_three(*book, "environment-" + std::to_string(number)))
                return "cannot write";
    }
    fill_disk(folder);
    // Opened again and again, as by runtimes that die over it: each finishes one environment.
    for (int round = 0; round < 30; ++round) {
        auto book = journal::open(folder);
        if (!book)
            return "open " + std::to_string(round) + ": " + render(book.error());
        fill_disk(folder);
        auto left = book->unfinished();
        if (!left || left->size() != static_cast<std::size_t>(90 - 3 * round))
            return "not the right number is left";
        std::vector<resource_id> three{(*left)[0].id, (*left)[1].id, (*left)[2].id};
        if (auto problem = complaint("done", book->done(three)); !problem.empty())
            return problem;
    }
    return is_full(folder) ? "" : "the disk was not full";
}

std::string survive_failing_writes(const std::filesystem::path& folder) {
    auto book = journal::open(folder);
    if (!book)
        return render(book.error());
    auto first = intend_three(*book, "first");
    ::signal(SIGXFSZ, SIG_IGN); // NOLINT(cert-err33-c): cannot fail for this signal
    rlimit before{};
    ::getrlimit(RLIMIT_FSIZE, &before);
    auto after = before;
    after.rlim_cur = 40000; // write(2) beyond it fails with EFBIG, which SQLite sees as an I/O error
    ::setrlimit(RLIMIT_FSIZE, &after);
    bool failed = false;
    std::size_t succeeded = 1;
    for (int number = 0; number < 100 && !failed; ++number) {
        auto given = intend_three(*book, "under way");
        failed = !given;
        succeeded += given ? 1U : 0U;
        if (failed && given.error().code != error_code::journal_failed &&
            given.error().code != error_code::storage_full)
            return "reported as " + render(given.error());
    }
    if (!failed)
        return "writes did not fail";
    if (book->unfinished()->size() != 3 * succeeded)
        return "a failed write has left something";
    ::setrlimit(RLIMIT_FSIZE, &before);
    if (!book->done(*first) || !intend_three(*book, "after"))
        return "does not work again";
    return book->unfinished()->size() == 3 * succeeded ? "" : "something is missing";
}

void run_on_small_disk(std::string (*body)(const std::filesystem::path&)) {
    temporary_folder folder;
    auto result = test::in_child([&] {
        auto problem = mount_small_disk(folder.path());
        return problem.empty() ? body(folder.path()) : problem;
    });
    if (result == not_permitted)
        SKIP(not_permitted);
    CHECK(result == "");
}

} // namespace

TEST_CASE("on a full disk what is gone is crossed out and receipts are kept, while new intents are refused") {
    run_on_small_disk(clean_up_on_full_disk);
}

TEST_CASE("a journal can be opened and finished on a full disk") {
    run_on_small_disk(reopen_on_full_disk);
}

TEST_CASE("a journal is made, written and opened again where the file system cannot allocate") {
    temporary_folder folder;
    const auto problem = test::in_child([&]() -> std::string {
        if (auto why = mount_without_allocation(folder.path()); !why.empty())
            return why;
        std::size_t intended = 0;
        for (int opening = 0; opening < 2; ++opening) {
            auto book = journal::open(folder.path());
            if (!book)
                return render(book.error());
            for (int number = 0; number < 200; ++number) {
                auto given = intend_three(*book, fmt::format("{}-{}", opening, number));
                if (!given)
                    return render(given.error());
                intended += given->size();
                if (auto kept = book->maintain(); !kept)
                    return render(kept.error());
            }
            if (book->unfinished()->size() != intended)
                return "something is missing";
        }
        return {};
    });
    if (problem == not_permitted)
        SKIP(problem);
    CHECK(problem == "");
}

TEST_CASE("a disk that fails to write is an error, and the journal works again when the disk does") {
    temporary_folder folder;
    CHECK(test::in_child([&] { return survive_failing_writes(folder.path()); }) == "");
}

TEST_CASE("free pages that creations have used up are provided anew for dozens of them") {
    temporary_folder folder;
    { auto book = opened(folder); }
    auto path = (folder.path() / "journal.db").string();
    auto connection = sqlite::database::open(path, SQLITE_OPEN_READWRITE);
    REQUIRE(connection);
    descriptor file{::open(path.c_str(), O_RDWR | O_CLOEXEC)};
    auto free_pages = journal_space::free_pages::open(*connection);
    REQUIRE(free_pages);
    auto count = [&] { return std::stoi(connection->query_text("PRAGMA freelist_count").value()); };
    const int before = count();
    REQUIRE(before > 0);
    CHECK(free_pages->ensure(*connection, file, before));
    CHECK(count() == before);
    CHECK(free_pages->ensure(*connection, file, before + 1));
    CHECK(count() >= before + 24);
}
