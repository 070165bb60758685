// SPDX-License-Identifier: MIT
// Stands in for messages/fault_point.cpp in programs for fault injection, launcher and keepers among them: no
// CAF here.
#include "tools/faults/injector/injector.hpp"

#include "messages/fault_point.hpp"
#include "tools/faults/common/fault_plan.hpp"

#include <sys/syscall.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstring>
#include <ctime>
#include <limits>
#include <string_view>
#include <unistd.h>

namespace gestvenv {

namespace faults {

namespace {

// The rig takes some microseconds; where it has gone away, the program goes on.
constexpr double longest_wait = 10;

constexpr std::int64_t a_day = 24 * 3600;

// Once per process; keepers and helpers are clones and have their launcher's.
fault_plan* plan_beside_this_program() {
    std::array<char, 4096> path{};
    auto length = ::readlink("/proc/self/exe", path.data(), path.size() - 1);
    if (length <= 0)
        return nullptr;
    return map_plan(std::filesystem::path{path.data()}.parent_path() / plan_file, false);
}

void record(fault_plan& plan, const char* step, bool has_sender) {
    if (std::strlen(step) >= fault_plan::longest_name)
        return;
    auto note = [has_sender](fault_plan::met_step& at) {
        at.times.fetch_add(1);
        if (has_sender)
            at.has_sender.store(true);
    };
    const auto known = std::min<std::size_t>(plan.count.load(), fault_plan::most_steps);
    for (std::size_t i = 0; i < known; ++i)
        if (plan.met[i].ready.load() && std::strcmp(plan.met[i].name.data(), step) == 0)
            return note(plan.met[i]);
    const auto free = plan.count.fetch_add(1);
    if (free >= fault_plan::most_steps) {
        plan.count.store(fault_plan::most_steps);
        return;
    }
    // NOLINTNEXTLINE(clang-analyzer-security.insecureAPI.strcpy): the length was looked at above
    std::strcpy(plan.met[free].name.data(), step);
    plan.met[free].ready.store(true);
    note(plan.met[free]);
}

// A message without a sender leaves from a thread which takes no exception, and the launcher's side has none
// that would survive one.
bool fits(fault_kind kind, std::string_view step, const actor_pair& actors) {
    switch (kind) {
    case fault_kind::none:
        return false;
    case fault_kind::exception:
        if (step.starts_with("message:"))
            return actors.sender != nullptr;
        for (const char* part : {"launcher:", "keeper:", "helper:", "removal:", "tree:"})
            if (step.starts_with(part))
                return false;
        return true;
    case fault_kind::kill_sender:
        return actors.sender != nullptr;
    case fault_kind::kill_receiver:
        return actors.receiver != nullptr;
    default:
        return true;
    }
}

// A process that is to die is killed by the rig, from outside: a keeper sees neither launcher nor runtime,
// and may not kill itself.
void call_the_rig(fault_plan& plan, fault_kind kind) {
    plan.called_for.store(kind);
    plan.state.store(fault_plan::call::waiting);
    wake(plan);
    while (plan.state.load() == fault_plan::call::waiting)
        await(plan, fault_plan::call::waiting, longest_wait);
}

void fail_files(fault_plan& plan, int error, std::int64_t times, bool only_writes) {
    plan.only_writes_fail = only_writes;
    plan.file_errors_left.store(times);
    plan.file_error.store(error);
}

/// Whether this is where the next fault strikes: told to one who meets it.
bool strikes_here(fault_plan& plan, fault_plan::planned_fault& fault, const char* step,
                  const actor_pair& actors) {
    auto number = plan.struck.load();
    if (number >= plan.planned)
        return false;
    fault = plan.faults.at(number);
    if (std::strcmp(fault.step.data(), step) != 0 || !fits(fault.kind, step, actors))
        return false;
    const auto met = plan.times_met.fetch_add(1) + 1;
    const auto last = fault.occurrence + fault.times - 1;
    if (met != last)
        return met >= fault.occurrence && met < last;
    plan.times_met.store(0);
    return plan.struck.compare_exchange_strong(number, number + 1);
}

} // namespace

fault_plan* the_plan() {
    static fault_plan* const plan = plan_beside_this_program();
    return plan;
}

void meet(const char* step, const actor_pair& actors) {
    auto* plan = the_plan();
    if (plan == nullptr)
        return;
    if (std::strcmp(step, "launcher: starts") == 0)
        plan->launcher.store(::getpid());
    record(*plan, step, actors.sender != nullptr);
    fault_plan::planned_fault fault{};
    if (!strikes_here(*plan, fault, step, actors))
        return;
    switch (fault.kind) {
    case fault_kind::exception:
        throw injected_exception{std::string{"injected at "} + step};
    case fault_kind::kill_sender:
        return actors.kill(actors.sender);
    case fault_kind::kill_receiver:
        return actors.kill(actors.receiver);
    case fault_kind::clock_ahead:
        return plan->clock_jump.store(a_day);
    case fault_kind::clock_back:
        return plan->clock_jump.store(-a_day);
    case fault_kind::journal_fails:
        return fail_files(*plan, EIO, std::numeric_limits<std::int64_t>::max(), false);
    case fault_kind::journal_fails_once:
        return fail_files(*plan, EIO, 1, false);
    case fault_kind::journal_full:
        return fail_files(*plan, ENOSPC, std::numeric_limits<std::int64_t>::max(), true);
    default:
        return call_the_rig(*plan, fault.kind);
    }
}

} // namespace faults

void fault_point(const char* step) {
    faults::meet(step);
}

// In the place of the C library's (clock_gettime(2)), for this program and the libraries it loads. The
// machine's clock is that of all programs.
extern "C" int clock_gettime(clockid_t clock, timespec* result) noexcept {
    auto failed = ::syscall(SYS_clock_gettime, clock, result);
    if (failed == 0 && clock == CLOCK_REALTIME)
        if (const auto* plan = faults::the_plan())
            result->tv_sec += plan->clock_jump.load();
    return static_cast<int>(failed);
}

} // namespace gestvenv
