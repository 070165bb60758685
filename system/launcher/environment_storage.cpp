// SPDX-License-Identifier: MIT
#include "system/launcher/environment_storage.hpp"

#include "messages/fault_point.hpp"
#include "system/launcher/helper_process.hpp"
#include "system/launcher/pip_notice.hpp"
#include "system/launcher/write_layout.hpp"
#include "system/posix/system_failure.hpp"
#include "system/posix/try_lock.hpp"
#include "system/storage/detached_mount.hpp"
#include "system/storage/owner_marker.hpp"

#include <sys/stat.h>

#include <cerrno>
#include <fcntl.h>
#include <optional>

namespace gestvenv {

namespace {

outcome<void> make_folder(const descriptor& parent, const char* name, mode_t mode) {
    if (::mkdirat(parent.get(), name, mode) < 0)
        return system_failure(errno, std::string{"cannot create the folder "} + name + " of an environment");
    return {};
}

outcome<void> fill(const environment_storage& storage, const protocol::create& request,
                   const python::venv_layout* layout) {
    for (const char* name : {"work", "home", "tmp", "output"})
        if (auto made = make_folder(storage.folder, name, 0700); !made)
            return made;
    if (layout == nullptr)
        return {};
    if (auto made = make_folder(storage.folder, "venv", 0755); !made)
        return made;
    descriptor venv{::openat(storage.folder.get(), "venv", O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)};
    if (!venv)
        return system_failure(errno, "cannot open the folder of a virtual environment");
    auto written = write_layout(venv.get(), *layout, {storage.visible_path + "/venv", request.prompt});
    if (!written)
        return failure(written.error());
    auto noticed = write_layout(storage.folder.get(), pip_notice(*layout), {storage.visible_path, {}});
    if (!noticed)
        return failure(noticed.error());
    return {};
}

// Takes a half-made folder down again. What cannot be removed of it keeps its marker and is held by no
// process, so that the next start finds it (orphaned_folders.hpp); the launcher itself knows no such
// environment any more.
tl::unexpected<error> taken_down(const descriptor& root, const std::string& path, const std::string& name,
                                 error why) {
    auto report = remove_folder(root, path, name);
    if (!report.residue.empty()) {
        const auto& first = report.residue.front();
        why.message += "; left behind: " + first.kind + " " + first.name + " (" + first.why + ")";
    }
    return failure(std::move(why));
}

outcome<environment_storage> make_tmpfs(const protocol::create& request, const std::string& attach_path) {
    auto mount = make_detached_tmpfs(request.size_bytes, request.size_files);
    if (!mount)
        return failure(mount.error());
    environment_storage storage;
    storage.folder = descriptor{::openat(mount->get(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
    if (!storage.folder)
        return system_failure(errno, "cannot open a tmpfs");
    storage.mount = std::move(*mount);
    storage.visible_path = attach_path;
    storage.kind = "detached tmpfs";
    return storage;
}

outcome<environment_storage> make_folder_storage(const protocol::create& request,
                                                 const std::string& attach_path,
                                                 std::shared_ptr<storage_root> root) {
    environment_storage storage;
    storage.root = std::move(root);
    storage.name = request.environment_id;
    const auto& parent = storage.root->folder();
    if (::mkdirat(parent.get(), storage.name.c_str(), 0700) < 0)
        return system_failure(errno, "cannot create the storage folder " + storage.folder_path());
    auto failed = [&](error reason) {
        return taken_down(parent, storage.folder_path(), storage.name, std::move(reason));
    };
    descriptor outer{
        ::openat(parent.get(), storage.name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)};
    if (!outer)
        return failed(system_failure(errno, "cannot open a storage folder").value());
    fault_point("launcher: has made a storage folder");
    // Before it is marked: a marked folder that no process holds is an orphaned one.
    if (!try_lock(outer.get(), LOCK_SH))
        return failed(system_failure(errno, "cannot lock a storage folder").value());
    if (auto written = write_owner_marker(outer, request.owner_marker); !written)
        return failed(written.error());
    fault_point("launcher: has marked a storage folder");
    if (auto made = make_folder(outer, storage_folder_name, 0700); !made)
        return failed(made.error());
    storage.folder = descriptor{
        ::openat(outer.get(), storage_folder_name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)};
    if (!storage.folder)
        return failed(system_failure(errno, "cannot open a storage folder").value());
    storage.held = std::move(outer);
    storage.visible_path = storage.folder_path() + "/" + storage_folder_name;
    storage.kind = request.base_path.starts_with("/dev/shm/") ? "folder in /dev/shm" : "folder on disk";
    if (!attach_path.empty()) {
        auto mount = make_detached_bind(storage.folder);
        if (!mount)
            return failed(mount.error());
        storage.mount = std::move(*mount);
        storage.visible_path = attach_path;
    }
    return storage;
}

} // namespace

outcome<environment_storage>
make_storage(const protocol::create& request, const python::venv_layout* layout,
             const std::string& attach_path,
             const std::function<outcome<std::shared_ptr<storage_root>>()>& open_root) {
    bool detached = request.storage == storage_backend::tmpfs && !attach_path.empty();
    auto storage = [&]() -> outcome<environment_storage> {
        if (detached)
            return make_tmpfs(request, attach_path);
        auto root = open_root();
        if (!root)
            return failure(root.error());
        return make_folder_storage(request, attach_path, std::move(*root));
    }();
    if (!storage)
        return storage;
    fault_point("launcher: is about to fill a storage");
    if (auto filled = fill(*storage, request, layout); !filled) {
        if (storage->is_folder())
            return taken_down(storage->root->folder(), storage->folder_path(), storage->name, filled.error());
        return failure(filled.error());
    }
    return storage;
}

} // namespace gestvenv
