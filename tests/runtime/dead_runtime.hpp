// SPDX-License-Identifier: MIT
// What a program leaves that was killed together with its launcher, made without one: a state folder with a
// journal, and storage folders.
#pragma once

#include "system/journal/boot.hpp"
#include "system/journal/state_folder.hpp"
#include "system/storage/owner_marker.hpp"
#include "tests/runtime/host.hpp"
#include "tests/support/temporary_folder.hpp"

#include <catch2/catch_test_macros.hpp>

#include <sqlite3.h>

#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <map>
#include <string>

namespace gestvenv::test {

class dead_runtime {
public:
    explicit dead_runtime(const temporary_folder& folder) : storage_root_(folder.path() / "storage") {
        auto made = state_folder::create(folder.path() / "state");
        REQUIRE(made);
        state_ = made->path(); // its lock is free when `made` is gone
    }

    const std::filesystem::path& state() const { return state_; }
    std::filesystem::path storage_of(const std::string& id) const { return storage_root_ / id; }

    /// A storage folder of this runtime's with a file in it.
    std::filesystem::path leave_storage(const std::string& id) const {
        auto path = storage_of(id);
        std::filesystem::create_directories(path / "storage/work");
        std::filesystem::permissions(storage_root_, std::filesystem::perms{0700});
        std::ofstream{path / "storage/work/file"} << "left";
        descriptor open{::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
        REQUIRE(write_owner_marker(open, state_.string()));
        return path;
    }

    /// Changes the journal by SQL, in which @STATE@, @STORAGE@, @GROUPS@ and @BOOT@ stand for this runtime's
    /// state folder, where its folders and its groups lie, and the boot of the machine.
    void write_journal(std::string sql, const std::filesystem::path& groups = "/nowhere/gestvenv") const {
        replace(sql, "@STATE@", state_.string());
        replace(sql, "@STORAGE@", storage_root_.string());
        replace(sql, "@GROUPS@", groups.string());
        replace(sql, "@BOOT@", boot_id());
        sqlite3* connection = nullptr;
        const auto file = state_ / "journal.db";
        REQUIRE(sqlite3_open(file.c_str(), &connection) == SQLITE_OK);
        CHECK(sqlite3_exec(connection, sql.c_str(), nullptr, nullptr, nullptr) == SQLITE_OK);
        REQUIRE(sqlite3_close(connection) == SQLITE_OK);
    }

private:
    static void replace(std::string& text, const std::string& word, const std::string& by) {
        for (auto at = text.find(word); at != std::string::npos; at = text.find(word, at + by.size()))
            text.replace(at, word.size(), by);
    }

    std::filesystem::path state_;
    std::filesystem::path storage_root_;
};

/// What the next program's start finishes, by environment.
inline std::map<std::string, teardown_receipt> receipts_of_next_start(const temporary_folder& folder) {
    auto options = options_in(folder);
    options.recover_orphans = false;
    runtime next{options};
    std::map<std::string, teardown_receipt> receipts;
    for (auto& receipt : next.cleanup_orphans())
        CHECK(receipts.emplace(receipt.environment_id, receipt).second);
    return receipts;
}

} // namespace gestvenv::test
