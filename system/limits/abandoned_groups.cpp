#include "system/limits/abandoned_groups.hpp"

#include "system/limits/cgroup_tree.hpp"

#include <sys/file.h>
#include <sys/stat.h>

#include <algorithm>
#include <dirent.h>
#include <fcntl.h>
#include <memory>
#include <string_view>
#include <unistd.h>
#include <utility>

namespace gestvenv {

namespace {

constexpr int folder_flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;

bool is_environment_group(std::string_view name) {
    constexpr std::string_view prefix = "gestvenv-";
    if (!name.starts_with(prefix))
        return false;
    auto id = name.substr(prefix.size());
    auto of_id = [](char letter) {
        return (letter >= '0' && letter <= '9') || (letter >= 'a' && letter <= 'f') || letter == '-';
    };
    return (id.size() == 8 || id.size() == 36) && std::all_of(id.begin(), id.end(), of_id);
}

// By a wall clock that may have jumped since: what seems to come from the future is left for the next time.
bool is_old_enough(const descriptor& group) {
    struct stat facts {};
    timespec now{};
    return ::clock_gettime(CLOCK_REALTIME, &now) == 0 && ::fstat(group.get(), &facts) == 0 &&
           now.tv_sec - facts.st_ctim.tv_sec > least_age_of_abandoned.count();
}

bool is_ours(const descriptor& group) {
    struct stat facts {};
    return ::fstat(group.get(), &facts) == 0 && facts.st_uid == ::geteuid();
}

bool take(const descriptor& group) {
    return ::flock(group.get(), LOCK_EX | LOCK_NB) == 0;
}

} // namespace

outcome<cgroup> make_held(const cgroup_tree& tree, const std::string& name) {
    auto made = tree.make(name);
    if (made && ::flock(made->get(), LOCK_EX | LOCK_NB) != 0)
        return failure(error_code::system_failure, "the cgroup " + made->path() + " was taken for abandoned");
    return made;
}

void use_without_holding(const cgroup& group) noexcept {
    // What cannot be opened anew stays held: found a little later, by whoever reads the journal.
    descriptor fresh{::openat(group.get(), ".", folder_flags)};
    if (fresh)
        ::dup3(fresh.get(), group.get(), O_CLOEXEC);
}

std::vector<abandoned_group> abandoned_groups(const std::string& parent, std::size_t most) {
    std::vector<abandoned_group> found;
    descriptor folder{::open(parent.c_str(), folder_flags)};
    descriptor listed{folder ? ::openat(folder.get(), ".", folder_flags) : -1};
    std::unique_ptr<DIR, int (*)(DIR*)> entries{listed ? ::fdopendir(listed.get()) : nullptr, ::closedir};
    if (!entries)
        return found;
    static_cast<void>(listed.release()); // the stream closes it
    while (auto* entry =
               found.size() < most ? ::readdir(entries.get()) : nullptr) { // NOLINT(concurrency-mt-unsafe)
        if (!is_environment_group(entry->d_name))
            continue;
        descriptor group{::openat(folder.get(), entry->d_name, folder_flags)};
        if (group && is_ours(group) && is_old_enough(group) && take(group))
            found.push_back({parent + "/" + entry->d_name, std::move(group)});
    }
    return found;
}

std::vector<abandoned_group> abandoned_groups_of(std::string_view environment_id,
                                                 const std::vector<std::string>& parents) {
    std::vector<abandoned_group> found;
    for (const auto& parent : parents)
        for (const auto& name : {cgroup_name(environment_id), "gestvenv-" + std::string{environment_id}}) {
            auto path = parent + "/" + name;
            descriptor group{::open(path.c_str(), folder_flags)};
            if (group && is_ours(group) && take(group))
                found.push_back({std::move(path), std::move(group)});
        }
    return found;
}

} // namespace gestvenv
