// SPDX-License-Identifier: MIT
#include "tools/faults/harness/cycle.hpp"

#include <fmt/format.h>

namespace gestvenv::faults {

namespace {

bool fails_files(fault_kind kind) {
    return kind == fault_kind::journal_fails || kind == fault_kind::journal_fails_once ||
           kind == fault_kind::journal_full;
}

bool gives_up_an_actor(const cycle& what) {
    return what.kind_before == fault_kind::kill_receiver && what.times_before > 1;
}

} // namespace

std::string to_string(const cycle& what) {
    auto before = what.kind_before == fault_kind::none
                      ? std::string{}
                      : fmt::format("{}{} at '{}', then ", to_string(what.kind_before),
                                    what.times_before > 1 ? fmt::format(" {} times", what.times_before) : "",
                                    what.step_before);
    return fmt::format("{}{} at '{}' (time {}{}), storage {}, containment {}, {}{}{}", before,
                       to_string(what.kind), what.step, what.occurrence,
                       !what.in_recovery    ? ""
                       : what.loses_journal ? ", in the next start, without the journal"
                                            : ", in the next start",
                       to_string(what.storage), to_string(what.best),
                       what.ordinary_user ? "an ordinary user" : "this user",
                       what.installs ? ", with an installation" : "",
                       fmt::format("{}{}{}{}{}", what.beside_another ? ", beside another program" : "",
                                   what.follows_another ? ", after another program" : "",
                                   what.leaves_stopped_keepers ? ", with stopped keepers" : "",
                                   what.default_roots ? ", in the default roots" : "",
                                   what.automatic_recovery ? ", recovering by itself" : ""));
}

bool kills_runtime(fault_kind kind) {
    return kind == fault_kind::kill_runtime || kind == fault_kind::kill_runtime_and_launcher ||
           kind == fault_kind::kill_all || kind == fault_kind::stop_keepers_and_kill_others;
}

bool kills_launcher(fault_kind kind) {
    return kind == fault_kind::kill_launcher || kind == fault_kind::kill_runtime_and_launcher ||
           kind == fault_kind::kill_all || kind == fault_kind::stop_keepers_and_kill_others;
}

bool kills_keepers(fault_kind kind) {
    return kind == fault_kind::kill_keepers || kind == fault_kind::kill_all;
}

bool kills_runtime(const cycle& what) {
    return kills_runtime(what.kind) || kills_runtime(what.kind_before);
}

bool kills_launcher(const cycle& what) {
    return kills_launcher(what.kind) || kills_launcher(what.kind_before);
}

bool kills_keepers(const cycle& what) {
    return kills_keepers(what.kind) || kills_keepers(what.kind_before);
}

bool leaves_the_rest_to_the_next_start(const cycle& what) {
    return kills_runtime(what) && kills_launcher(what);
}

bool may_leave_some_in_the_journal(const cycle& what) {
    return fails_files(what.kind) || fails_files(what.kind_before) || gives_up_an_actor(what);
}

} // namespace gestvenv::faults
