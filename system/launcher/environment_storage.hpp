// SPDX-License-Identifier: MIT
// The storage of one environment, as the launcher holds it: a tmpfs in no mount table, or a folder below a
// root.
#pragma once

#include "messages/outcome.hpp"
#include "system/posix/descriptor.hpp"
#include "system/process/protocol.hpp"
#include "system/python/venv_layout.hpp"
#include "system/storage/storage_root.hpp"

#include <functional>
#include <memory>
#include <string>

namespace gestvenv {

struct environment_storage {
    /// Root of the storage, for writing below it.
    descriptor folder;
    /// What a keeper attaches; unset where keepers cannot, then commands use `visible_path` on the host.
    descriptor mount;
    /// Set for a folder: the root it lies in and its name there.
    std::shared_ptr<storage_root> root;
    std::string name;
    /// That folder, with a lock that says that it is in use (orphaned_folders.hpp).
    descriptor held;
    std::string visible_path;
    std::string kind;

    bool is_folder() const noexcept { return root != nullptr; }
    std::string folder_path() const { return root->path() + "/" + name; }
};

/// Makes the storage with its standard folders (`work`, `home`, `tmp`, `output`) and, where a layout is
/// given, the virtual environment in `venv`. Undoes its own half-made work on failure. `attach_path` is where
/// keepers attach storage; empty: they cannot.
outcome<environment_storage>
make_storage(const protocol::create& request, const python::venv_layout* layout,
             const std::string& attach_path,
             const std::function<outcome<std::shared_ptr<storage_root>>()>& open_root);

} // namespace gestvenv
