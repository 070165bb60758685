// SPDX-License-Identifier: MIT
#include "net/client/system_info.hpp"

#include "messages/json.hpp"

#include <gestvenv/inspect_enumerations.hpp>

namespace gestvenv {

namespace {

// False: it is there, and of another type.
template <class T>
bool read(const nlohmann::json& object, const char* key, T& value) {
    auto found = object.find(key);
    if (found == object.end())
        return true;
    auto read = from_json_value<T>(*found);
    if (read)
        value = std::move(*read);
    return read.has_value();
}

} // namespace

outcome<system_info> system_info_from(const nlohmann::json& document) {
    system_info result;
    auto unreadable = failure(error_code::node_unreachable, "what the node says of itself cannot be read",
                              "it may be of another version; end it with: gestvenv node stop");
    if (!document.is_object() || !document.contains("abilities") || !document.contains("configuration"))
        return unreadable;
    const auto& found = document["abilities"];
    auto& abilities = result.abilities;
    if (!found.is_object() || !read(found, "best", abilities.best) ||
        !read(found, "cgroups", abilities.cgroups) ||
        !read(found, "storage_mounts", abilities.storage_mounts) ||
        !read(found, "memory_limited_by", abilities.memory_limited_by) ||
        !read(found, "cpu_limited_by", abilities.cpu_limited_by) ||
        !read(found, "threads_limited_by", abilities.threads_limited_by) ||
        !read(found, "limitations", abilities.limitations))
        return unreadable;
    abilities.limits_memory = !abilities.memory_limited_by.empty();
    abilities.limits_cpu = !abilities.cpu_limited_by.empty();
    abilities.limits_threads = !abilities.threads_limited_by.empty();
    auto configuration = from_json_value<runtime_config>(document["configuration"]);
    if (!configuration)
        return unreadable;
    result.configuration = std::move(*configuration);
    return result;
}

} // namespace gestvenv
