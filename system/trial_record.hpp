// SPDX-License-Identifier: MIT
// What an earlier start found that this machine allows, so that it is not tried again at each start: a few
// trials take as long as all the rest of a launcher's start.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>

namespace gestvenv {

/// Trials that worked, by name, with what was learnt by them. One that failed is never recorded: the reason
/// may be gone by the next start. A record holds for one boot, program, user, set of rights and namespaces,
/// and group (see situation()); what changes in spite of that shows as a failure, upon which forget() is
/// called.
///
/// Only the owner can write the file. A forged or stale one cannot weaken anything: what does not work
/// although it is recorded fails when it is used.
class trial_record {
public:
    /// Nothing is known, and nothing is kept.
    trial_record() = default;
    /// `file`: an absolute path, shared by all situations of a user; empty: as without an argument. One that
    /// cannot be read, or is another user's, is as good as none.
    trial_record(std::string file, std::string situation);

    /// What was learnt by a trial that worked; null: try.
    const std::string* find(std::string_view trial) const;
    void note(std::string_view trial, std::string_view learnt);
    /// Writes what was noted; the 16 situations that were written last are kept. Without a message where it
    /// cannot: the next start tries again.
    void write();
    /// Removes what is known of this situation from the file.
    void forget();

    /// Writes down that a trial makes something in the folder `place` (absolute, without a line break) that
    /// outlives a program which is killed meanwhile.
    void begin_in(const std::string& place);
    /// Nothing of a trial is left in `place`; it goes from the file with the next write().
    void settle(const std::string& place);
    /// The places of trials, of whatever situation, which were begun and not settled: their programs still try
    /// there or were killed.
    const std::set<std::string>& unsettled() const { return unsettled_; }

    /// Everything that what a kernel allows a process depends on, of this one: `question` is what else it
    /// depends on.
    static std::string situation(std::string_view question);

private:
    void rewrite() const;

    std::string file_;
    std::string key_;
    std::map<std::string, std::string, std::less<>> trials_;
    std::set<std::string> unsettled_;
    std::set<std::string> settled_; // since the file was read
    bool changed_ = false;
};

} // namespace gestvenv
