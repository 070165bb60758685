// SPDX-License-Identifier: MIT
// The kinds of resources that outlive a crash: how each is written into the journal, undone, proven gone and
// told to people.
//
// A kind to come is a pair of files in resources/ with a value type as `journal_resource` describes it, and a
// line in `known_resource`. The journal's format stays as it is: a version that does not know the kind leaves
// alone what has it (undo_order.hpp). So a change of what undoing takes is a new kind, too; a key that is
// only for people may be added to one that there is.
#pragma once

#include "messages/json.hpp"
#include "messages/outcome.hpp"
#include "system/journal/resource_record.hpp"
#include "system/journal/resources/control_groups.hpp"
#include "system/journal/resources/detached_storage.hpp"
#include "system/journal/resources/keeper.hpp"
#include "system/journal/resources/storage_folder.hpp"
#include "system/journal/undo_order.hpp"

#include <concepts>
#include <iterator>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace gestvenv {

/// Every kind that this version knows.
using known_resource =
    std::variant<resources::keeper,          // the process that an environment's commands are children of
                 resources::control_groups,  // what its processes are limited and held together by
                 resources::storage_folder,  // its files, in a folder
                 resources::detached_storage // its files, in a mount that only descriptors hold
                 >;

/// A value type with an `inspect`, which is the `detail` of its entries: a key is never renamed, and is not
/// written where it has no value.
template <class T>
concept journal_resource = std::default_initializable<T> && requires(const T& resource, undo_order& order) {
    /// Its spelling in the journal: never changed, never given to another.
    { T::kind } -> std::convertible_to<std::string_view>;
    /// Undoing: adds what it takes to the order.
    { resource.add_to(order) } -> std::same_as<void>;
    /// Proof of absence: whether it is gone with the program that made it, by itself. `false`:
    /// the answer to the order is the proof. The argument says whether it is still the same boot of the
    /// machine.
    { resource.gone_with_its_program(true) } -> std::same_as<bool>;
    /// What it may stand for, one line each, without the kind; none: there is no more to say.
    { resource.listed() } -> std::same_as<std::vector<std::string>>;
};

/// What an entry means. error_code::invalid_argument for a kind that this version does not know, and for a
/// detail that is none of its kind. A key that the kind does not have is passed over.
outcome<known_resource> read_resource(std::string_view kind, const nlohmann::json& detail);

/// The detail of an entry.
template <journal_resource T>
nlohmann::json to_detail(const T& resource) {
    auto detail = to_json_value(resource);
    for (auto entry = detail.begin(); entry != detail.end();)
        entry = entry->is_null() ? detail.erase(entry) : std::next(entry);
    return detail;
}

/// The intent to make it.
template <journal_resource T>
resource_record to_record(const T& resource) {
    return {std::string{T::kind}, to_detail(resource)};
}

/// Of the environment that it belongs to, where its kind tells.
std::string environment_name_of(const known_resource& resource);

/// The number of the launcher through which it is made; 0 where none makes its kind.
int launcher_of(const known_resource& resource);

/// Lines that tell people what an entry may stand for: `storage_folder /a/path`, `keeper 4711`.
std::vector<std::string> listed(const unfinished_resource& item);

} // namespace gestvenv
