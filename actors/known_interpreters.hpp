// SPDX-License-Identifier: MIT
// What interpreters a runtime has resolved before, so that a creation need not ask for one again.
#pragma once

#include "messages/environment_creation.hpp"
#include "system/python/interpreter_cache.hpp"

#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

namespace gestvenv {

/// Filled by the interpreters actor, read by environments. Thread-safe.
class known_interpreters {
public:
    /// The answer to an earlier request with this text, if the interpreter's file has not changed since.
    /// Costs two stats of a file that is about to be linked to.
    std::optional<interpreter_choice> find(const std::string& wanted) {
        std::scoped_lock lock{mutex_};
        auto found = answers_.find(wanted);
        if (found == answers_.end())
            return std::nullopt;
        if (python::is_current(found->second.first))
            return found->second.second;
        answers_.erase(found);
        return std::nullopt;
    }

    void remember(const std::string& wanted, python::interpreter_key key, interpreter_choice choice) {
        std::scoped_lock lock{mutex_};
        answers_.insert_or_assign(wanted, std::pair{std::move(key), std::move(choice)});
    }

private:
    std::mutex mutex_;
    std::map<std::string, std::pair<python::interpreter_key, interpreter_choice>> answers_;
};

} // namespace gestvenv
