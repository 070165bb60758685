// SPDX-License-Identifier: MIT
// A tree that is to go, and a canary beside it that is to stay what it is, byte for byte.
#pragma once

#include "system/posix/descriptor.hpp"
#include "system/storage/remove_tree.hpp"
#include "tests/support/temporary_folder.hpp"

#include <sys/types.h>

#include <filesystem>
#include <functional>
#include <string>

namespace gestvenv::test {

namespace files = std::filesystem;

void write(const files::path& file, const std::string& text);

/// Of a file, by FS_IOC_GETFLAGS; -1 where there are none.
int flags_of(const files::path& file);
bool set_flags(const files::path& file, int flags);

/// Everything that can be told of a tree: names, kinds, modes, owners, times of change of content, contents,
/// flags.
std::string picture_of(const files::path& top);

/// Runs `work` in a child of its own, so that namespaces and users of it end with it; its status is what
/// `work` returns.
int in_a_child(const std::function<int()>& work);

inline constexpr uid_t ordinary_user = 12345;

/// In such a child, of root.
bool become_ordinary_user();
void give_to_ordinary_user(const files::path& top);

/// Folders called `name` in one another below `top`, `depth` of them. `furnish` is called for each, the
/// innermost first, when all are there.
void make_deep(const descriptor& top, const std::string& name, int depth,
               const std::function<void(int folder, int level)>& furnish);

/// In such a child: mounts are seen by no other process from here on.
bool mounts_of_its_own();

/// A folder `tree` that is to go, and a canary beside it that is to stay.
class removal {
public:
    removal();
    ~removal();
    removal(const removal&) = delete;
    removal& operator=(const removal&) = delete;

    files::path root() const { return folder_.path(); }
    files::path tree() const { return folder_.path() / "tree"; }
    files::path canary() const { return folder_.path() / "canary"; }
    descriptor parent() const;

    tree_removal run() const { return remove_tree(parent(), "tree"); }

    void check_gone() const;
    void check_canary() const;
    /// For children, which cannot report through the test.
    bool canary_is_untouched() const { return picture_of(canary()) == before_; }
    /// The canary with what a test has done to it itself.
    void remember_canary() { before_ = picture_of(canary()); }

private:
    temporary_folder folder_;
    std::string before_;
};

} // namespace gestvenv::test
