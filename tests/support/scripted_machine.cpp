// SPDX-License-Identifier: MIT
#include "tests/support/scripted_machine.hpp"

#include "system/posix/process_facts.hpp"

#include <csignal>
#include <utility>

namespace gestvenv::test {

namespace {

const error launcher_lost{error_code::launcher_crashed, "the launcher has ended", {}, {}};

} // namespace

void scripted_machine::finish(std::uint64_t command, outcome<operation_result> result) {
    auto found = running.extract(command);
    if (found)
        found.mapped()(std::move(result));
}

void scripted_machine::set_layout(std::uint64_t, const python::venv_layout&) {}

void scripted_machine::create(protocol::create request, callback<protocol::created> done) {
    log.emplace_back("create");
    if (lost)
        return done(failure(launcher_lost));
    if (fail_create)
        return done(failure(*fail_create));
    auto make = [this, id = request.environment_id, done] {
        living.insert(id);
        done(protocol::created{storage, storage, "scripted"});
    };
    if (hold_creations)
        held_creations.emplace_back(make);
    else
        make();
}

void scripted_machine::start_keeper(protocol::start_keeper request, callback<protocol::keeper_started> done) {
    log.emplace_back("keeper");
    keepers.push_back(std::move(request));
    if (fail_keeper)
        return done(failure(*fail_keeper));
    // There is one process of which every test knows that it lives.
    done(protocol::keeper_started{1, start_time_of(1).value_or(0), containment::pid_namespace, {}});
}

void scripted_machine::run(const std::string&, process_request request, callback<operation_result> done) {
    log.push_back("run " + std::to_string(request.program.command));
    if (fail_run)
        return done(failure(*fail_run));
    auto number = request.program.command;
    while (running.contains(number)) // another environment's
        number += 1000;
    if (hold_commands)
        running.emplace(number, std::move(done));
    else
        done(operation_result{});
}

void scripted_machine::kill(const std::string&, std::uint64_t command, std::chrono::milliseconds grace) {
    log.push_back((grace.count() > 0 ? "ask and kill " : "kill ") + std::to_string(command));
    operation_result result;
    result.signal = SIGKILL;
    result.returncode = 128 + SIGKILL;
    finish(command, std::move(result));
}

protocol::ended scripted_machine::next_end(const std::string& id) {
    protocol::ended report;
    report.out_of_memory = out_of_memory;
    if (!residues.empty()) {
        report.residue = std::move(residues.front());
        residues.pop_front();
    }
    if (report.residue.empty())
        living.erase(id);
    while (!running.empty())
        finish(running.begin()->first, failure(error_code::environment_gone, "the keeper has ended"));
    return report;
}

void scripted_machine::sample(std::vector<std::string> environment_ids,
                              callback<std::vector<usage_reading>> done) {
    log.push_back("sample " + std::to_string(environment_ids.size()));
    std::vector<usage_reading> readings;
    for (auto& id : environment_ids) {
        if (!living.contains(id))
            continue;
        readings.push_back(usage[id]);
        readings.back().environment_id = std::move(id);
    }
    done(std::move(readings));
}

void scripted_machine::list_processes(protocol::list_processes request, callback<protocol::listed> done) {
    log.push_back("list " + std::to_string(request.most));
    if (!living.contains(request.environment_id))
        return done(failure(error_code::environment_gone, "there is no such environment"));
    done(processes);
}

void scripted_machine::end(protocol::end request, callback<protocol::ended> done) {
    // A launcher serves in order: what was asked for before is there by now.
    for (auto& make : std::exchange(held_creations, {}))
        make();
    log.emplace_back("end");
    if (silent_ends)
        return;
    if (lost)
        return done(failure(launcher_lost));
    done(next_end(request.environment_id));
}

void scripted_machine::undo(protocol::undo request, callback<protocol::ended> done) {
    log.emplace_back("undo");
    if (losing_undos > 0) {
        --losing_undos;
        lost = true;
    }
    if (lost)
        return done(failure(launcher_lost));
    undone_keepers.insert(undone_keepers.end(), request.keepers.begin(), request.keepers.end());
    undone_groups.insert(undone_groups.end(), request.cgroups.begin(), request.cgroups.end());
    // What is undone by path has no id here: one environment at a time is enough for the tests.
    done(next_end(living.empty() ? std::string{} : *living.begin()));
}

bool scripted_machine::launcher_is_lost() const {
    return lost;
}

outcome<void> scripted_machine::restart() {
    log.emplace_back("restart");
    if (!fail_restarts.empty()) {
        auto why = std::move(fail_restarts.front());
        fail_restarts.pop_front();
        return failure(std::move(why));
    }
    lost = false;
    return {};
}

protocol::greeting scripted_machine::greeting() const {
    protocol::greeting greeting;
    greeting.best = best;
    greeting.mounts = true;
    greeting.cgroup_parent = cgroup_parent;
    greeting.limits = limits;
    return greeting;
}

} // namespace gestvenv::test
