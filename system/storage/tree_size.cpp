// SPDX-License-Identifier: MIT
#include "system/storage/tree_size.hpp"

#include <sys/stat.h>

#include <dirent.h>
#include <fcntl.h>
#include <memory>
#include <string_view>
#include <unistd.h>

namespace gestvenv {

namespace {

// Each level keeps a folder open.
constexpr int deepest = 100;
constexpr std::int64_t block = 512;

class measuring {
public:
    measuring(dev_t device, std::int64_t most) : device_(device), most_(most) {}

    tree_size result() const { return result_; }

    void look_into(descriptor folder, int depth) {
        std::unique_ptr<DIR, int (*)(DIR*)> entries{folder ? ::fdopendir(folder.get()) : nullptr, ::closedir};
        if (!entries || depth > deepest) {
            result_.complete = false;
            return;
        }
        int number = folder.release();
        while (auto* entry = ::readdir(entries.get())) { // NOLINT(concurrency-mt-unsafe): a stream of our own
            std::string_view name = entry->d_name;
            if (name == "." || name == "..")
                continue;
            if (result_.entries >= most_) {
                result_.complete = false;
                return;
            }
            struct stat facts {};
            if (::fstatat(number, entry->d_name, &facts, AT_SYMLINK_NOFOLLOW) < 0 || facts.st_dev != device_)
                continue;
            ++result_.entries;
            result_.bytes += facts.st_blocks * block;
            if (S_ISDIR(facts.st_mode))
                look_into(descriptor{::openat(number, entry->d_name,
                                              O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)},
                          depth + 1);
        }
    }

private:
    dev_t device_;
    std::int64_t most_;
    tree_size result_;
};

} // namespace

tree_size measure_tree(const descriptor& folder, std::int64_t most) {
    struct stat facts {};
    if (::fstat(folder.get(), &facts) < 0)
        return {0, 0, false};
    measuring all{facts.st_dev, most};
    all.look_into(descriptor{::openat(folder.get(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)}, 0);
    return all.result();
}

} // namespace gestvenv
