#include "system/storage/abandoned_folders.hpp"

#include "system/folder_names.hpp"
#include "system/storage/open_folder.hpp"
#include "system/storage/owner_marker.hpp"
#include "system/storage/storage_root.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>
#include <utility>

namespace gestvenv {

std::vector<abandoned_folder> abandoned_folders(const std::string& root, std::size_t most) {
    constexpr int flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
    std::vector<abandoned_folder> found;
    descriptor parent{::open(root.c_str(), flags)};
    // Before anything in it is looked at: somebody else may have made a root of this name.
    if (!parent || !belongs_to_us_alone(parent))
        return found;
    auto names = names_in(parent, root);
    if (!names) // as one that is not there: the next search comes by it again
        return found;
    for (const auto& name : *names) {
        if (found.size() >= most)
            break;
        auto marker = read_owner_marker(parent, name);
        if (marker.found != owner_marker::finding::marked || !marker.of_this_user)
            continue;
        auto folder = open_beneath(parent.get(), name.c_str(), O_RDONLY);
        if (folder && ::flock(folder.get(), LOCK_EX | LOCK_NB) == 0)
            found.push_back({root + "/" + name, std::move(marker.owner), std::move(folder)});
    }
    return found;
}

} // namespace gestvenv
