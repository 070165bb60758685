// SPDX-License-Identifier: MIT
#include "system/isolation/overlay.hpp"

#include "system/isolation/mounts_below.hpp"
#include "system/isolation/private_mounts.hpp"
#include "system/isolation/unwritable_folders.hpp"
#include "system/posix/descriptor.hpp"

#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/xattr.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <fstream>
#include <optional>
#include <sched.h>
#include <unistd.h>
#include <utility>

namespace gestvenv {

namespace {

using step = overlay_problem::step;

// Each costs a mount. Who has more of them below a folder has to do without an overlay.
constexpr std::size_t most_shown = 512;

struct shown_place {
    std::string path;
    descriptor file;
};

std::string by_descriptor(const descriptor& file) {
    return "/proc/self/fd/" + std::to_string(file.get());
}

// The initial one maps every id onto itself (user_namespaces(7)).
bool in_initial_user_namespace() {
    std::ifstream map{"/proc/self/uid_map"};
    unsigned long inside = 1;
    unsigned long outside = 1;
    unsigned long count = 0;
    return map >> inside >> outside >> count && inside == 0 && outside == 0 && count == 4294967295UL;
}

bool is_mount(const descriptor& file) {
    struct statx status {};
    if (::statx(file.get(), "", AT_EMPTY_PATH, STATX_BASIC_STATS, &status) < 0)
        return false;
    // Kernels before 5.8 do not say it.
    return (status.stx_attributes_mask & STATX_ATTR_MOUNT_ROOT) == 0 ||
           (status.stx_attributes & STATX_ATTR_MOUNT_ROOT) != 0;
}

class overlays {
public:
    explicit overlays(const overlay_wish& wish) : wish_(wish), initial_(in_initial_user_namespace()) {}

    // 0 or an errno value.
    int enter_namespace() {
        if (::unshare(CLONE_NEWNS) < 0)
            return errno;
        return make_mounts_private();
    }

    int make_place() {
        auto around = wish_.place.substr(0, wish_.place.rfind('/'));
        if (::mkdir(around.c_str(), 0700) < 0 && errno != EEXIST)
            return errno;
        for (const auto& folder : {wish_.place, wish_.place + "/tmp"})
            if (::mkdir(folder.c_str(), 0700) < 0)
                return errno;
        return 0;
    }

    std::optional<overlay_problem> lay(const overlaid_folder& item) {
        std::optional<overlay_problem> problem = overlay_problem{step::overlay, ENOENT};
        for (const auto& root : item.candidates) {
            if (laid_over(root) || !(problem = lay_over(root, item.folder))) {
                touch(item);
                return std::nullopt;
            }
        }
        return problem;
    }

private:
    bool laid_over(const std::string& root) const {
        for (const auto& done : laid_)
            if (root == done || is_below(root, done))
                return true;
        return false;
    }

    std::optional<overlay_problem> lay_over(const std::string& root, const std::string& built) {
        descriptor lower{::open(root.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC)};
        if (!lower)
            return overlay_problem{step::overlay, errno};
        std::vector<shown_place> shown;
        if (auto problem = find_shown(root, shown))
            return problem;
        auto place = wish_.place + "/" + std::to_string(next_place_++);
        if (auto problem = make_layer(place, lower))
            return problem;
        if (!initial_)
            if (int error_number = take_over_unwritable(root, built, place + "/upper"); error_number != 0)
                return overlay_problem{step::owner, error_number};
        if (int error_number = mount_overlay(place, lower); error_number != 0)
            return overlay_problem{step::overlay, error_number};
        auto problem = show(shown);
        if (!problem)
            problem = try_to_write(root, built);
        if (problem)
            ::umount2(root.c_str(), MNT_DETACH);
        else
            laid_.push_back(root);
        return problem;
    }

    // Opened before the overlay hides them.
    std::optional<overlay_problem> find_shown(const std::string& root, std::vector<shown_place>& shown) {
        auto add = [&](const std::string& path, bool mounts_only) -> std::optional<overlay_problem> {
            for (const auto& earlier : shown) // bound with all below it
                if (path == earlier.path || is_below(path, earlier.path))
                    return std::nullopt;
            descriptor file{::open(path.c_str(), O_PATH | O_NOFOLLOW | O_CLOEXEC)};
            // One that is gone, or that this process cannot reach, its program could not either.
            if (!file || (mounts_only && !is_mount(file)))
                return std::nullopt;
            if (shown.size() == most_shown)
                return overlay_problem{step::inside, E2BIG};
            shown.push_back({path, std::move(file)});
            return std::nullopt;
        };
        for (const auto& path : mounts_below(root))
            if (auto problem = add(path, true))
                return problem;
        for (const auto& path : wish_.shown_through)
            if (is_below(path, root))
                if (auto problem = add(path, false))
                    return problem;
        for (const auto& path : sockets_below(root))
            if (auto problem = add(path, false))
                return problem;
        return std::nullopt;
    }

    // The folder at the top of an overlay has the attributes of the upper one.
    std::optional<overlay_problem> make_layer(const std::string& place, const descriptor& lower) {
        auto upper = place + "/upper";
        for (const auto& path : {place, upper, place + "/work"})
            if (::mkdir(path.c_str(), 0700) < 0)
                return overlay_problem{step::storage, errno};
        // Without them a folder of the tree cannot be removed in the overlay, nor made again.
        const char* name = initial_ ? "trusted.overlay.origin" : "user.overlay.origin";
        if (::setxattr(upper.c_str(), name, "", 0, 0) < 0 || ::removexattr(upper.c_str(), name) < 0)
            return overlay_problem{step::attributes, errno};
        struct stat status {};
        if (::fstatat(lower.get(), "", &status, AT_EMPTY_PATH) < 0)
            return overlay_problem{step::overlay, errno};
        // Where another user's ids are not known here, it is ours.
        if (::chown(upper.c_str(), status.st_uid, status.st_gid) < 0 && initial_)
            return overlay_problem{step::owner, errno};
        const mode_t own = initial_ ? 0 : 0700;
        const std::array<timespec, 2> times{status.st_atim, status.st_mtim};
        if (::chmod(upper.c_str(), (status.st_mode & 07777) | own) < 0 ||
            ::utimensat(AT_FDCWD, upper.c_str(), times.data(), 0) < 0)
            return overlay_problem{step::storage, errno};
        return std::nullopt;
    }

    // Paths by descriptor need no escapes in the options, and follow no link that is put there meanwhile.
    int mount_overlay(const std::string& place, const descriptor& lower) {
        descriptor upper{::open((place + "/upper").c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC)};
        descriptor work{::open((place + "/work").c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC)};
        if (!upper || !work)
            return errno;
        auto options = "lowerdir=" + by_descriptor(lower) + ",upperdir=" + by_descriptor(upper) +
                       ",workdir=" + by_descriptor(work) + ",index=off,metacopy=off";
        options += initial_ ? ",redirect_dir=on" : ",userxattr";
        auto target = by_descriptor(lower);
        auto mounted = [&](const std::string& text) {
            return ::mount("gestvenv", target.c_str(), "overlay", MS_NOSUID | MS_NODEV, text.c_str()) == 0;
        };
        // Nothing there outlives the command, so nothing needs to reach a disk; not before Linux 5.10.
        return mounted(options + ",volatile") || mounted(options) ? 0 : errno;
    }

    static std::optional<overlay_problem> show(const std::vector<shown_place>& shown) {
        for (const auto& item : shown)
            if (::mount(by_descriptor(item.file).c_str(), item.path.c_str(), nullptr, MS_BIND | MS_REC,
                        nullptr) < 0 &&
                errno != ENOENT)
                return overlay_problem{step::inside, errno};
        return std::nullopt;
    }

    // What cannot be copied up is found out here rather than in the middle of a build: owners that this user
    // namespace does not know, attributes that the storage cannot hold.
    static std::optional<overlay_problem> try_to_write(const std::string& root, const std::string& built) {
        for (const auto& folder : {built, built + "/src"}) {
            struct stat status {};
            // A link may lead out of the overlay.
            if (folder == root || ::lstat(folder.c_str(), &status) < 0 || !S_ISDIR(status.st_mode))
                continue;
            auto probe = folder + "/.gestvenv-" + std::to_string(::getpid());
            if (::mkdir(probe.c_str(), 0700) == 0)
                ::rmdir(probe.c_str());
            else if (errno != EACCES && errno != EEXIST)
                return overlay_problem{step::owner, errno};
        }
        return std::nullopt;
    }

    static void touch(const overlaid_folder& item) {
        for (const auto& name : item.touched)
            // A file that is not there, or not ours to touch, keeps its time.
            (void)!::utimensat(AT_FDCWD, (item.folder + "/" + name).c_str(), nullptr, AT_SYMLINK_NOFOLLOW);
    }

    const overlay_wish& wish_;
    const bool initial_;
    int next_place_ = 0;
    std::vector<std::string> laid_;
};

} // namespace

std::string describe(const overlay_problem& problem) {
    auto what = [&] {
        switch (problem.at) {
        case step::mount_namespace:
            return "no mount namespace can be made";
        case step::storage:
            return "there is no room for it in the environment's storage";
        case step::attributes:
            return "the environment's storage cannot hold its attributes";
        case step::owner:
            return "files of this owner cannot be copied";
        case step::overlay:
            return "it cannot be mounted";
        case step::inside:
            break;
        }
        return "what is mounted below cannot be shown in it";
    };
    return std::string{what()} + " (" + std::strerror(problem.error_number) + ")"; // NOLINT(*-mt-unsafe)
}

void enter_overlays(const overlay_wish& wish,
                    const std::function<void(std::size_t, overlay_problem)>& not_overlaid) {
    if (wish.empty())
        return;
    overlays all{wish};
    std::optional<overlay_problem> none;
    if (int error_number = all.make_place(); error_number != 0)
        none = overlay_problem{step::storage, error_number};
    else if (error_number = all.enter_namespace(); error_number != 0)
        none = overlay_problem{step::mount_namespace, error_number};
    for (std::size_t i = 0; i < wish.folders.size(); ++i)
        if (auto problem = none ? none : all.lay(wish.folders[i]))
            not_overlaid(i, *problem);
}

} // namespace gestvenv
