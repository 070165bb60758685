// SPDX-License-Identifier: MIT
// Installing, tried: try_installations() of doctor_checks.hpp.
#include "tools/gestvenv/doctor/doctor_checks.hpp"

#include <gestvenv/exceptions.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <future>
#include <mutex>
#include <stop_token>
#include <system_error>
#include <thread>
#include <utility>

namespace gestvenv::cli {

namespace {

using clock = std::chrono::steady_clock;

// One more makes machines of two cores no faster, and a network no friend.
constexpr int at_a_time = 2;

/// Small, without dependencies, for every Python since 2.7, and there is a wheel of it.
constexpr const char* package = "six";

/// What a future holds, unless it comes too late.
template <class T>
T wait_for(std::future<T>& future, const char* step, clock::time_point deadline,
           std::chrono::milliseconds timeout) {
    if (future.wait_until(deadline) == std::future_status::ready)
        return future.get();
    throw ephemeral_exception{
        {error_code::deadline_exceeded,
         fmt::format("{} was not done within {} s", step, std::chrono::duration<double>(timeout).count()),
         {},
         "give it longer with --timeout; it may be the network that hangs"}};
}

environment_spec spec_of(const found_interpreter& python, backend kind, std::chrono::milliseconds timeout) {
    environment_spec spec;
    spec.package_backend = kind;
    spec.python_version = python.request;
    spec.ttl = unlimited; // the deadline is ours
    spec.wait_for_room = timeout;
    return spec;
}

/// Makes an environment and uses it; the version its interpreter has is told to `on_version`.
template <class Function>
void make_and_use(runtime& machine, const environment_spec& spec, std::chrono::milliseconds timeout,
                  Function on_version) {
    const auto deadline = clock::now() + timeout;
    std::stop_source late;
    auto creation = machine.create_async(spec, late.get_token());
    environment made;
    try {
        made = wait_for(creation, "making the environment", deadline, timeout);
    } catch (const ephemeral_exception&) {
        late.request_stop();
        throw;
    }
    on_version(made.info().python_version);
    install_request wanted;
    wanted.packages = {package};
    // Only where our own deadline is of no use; what is under way ends with the environment.
    wanted.timeout = timeout + std::chrono::seconds{10};
    auto installing = made.install_async(std::move(wanted));
    wait_for(installing, "installing", deadline, timeout);
    command_spec import;
    import.arguments = {"python", "-c", fmt::format("import {}", package)};
    auto importing = made.execute_async(std::move(import));
    auto result = wait_for(importing, "the import", deadline, timeout);
    if (result.returncode != 0)
        throw ephemeral_exception{
            {error_code::install_failed,
             fmt::format("{} is installed and cannot be imported: {}", package, result.stderr_text),
             {},
             {}}};
    made.destroy();
}

/// The cells with the threads that fill them.
class trials {
public:
    trials(runtime& machine, diagnosis& found, const installation_trials& how)
        : machine_(machine), found_(found), how_(how) {}

    void run() {
        std::vector<std::jthread> others;
        try {
            for (int count = 1; count < at_a_time; ++count)
                others.emplace_back([this] { work(); });
        } catch (const std::system_error&) { // NOLINT(bugprone-empty-catch): fewer at a time
        }
        work();
    }

private:
    bool is_stopped() const { return how_.stopped != nullptr && *how_.stopped; }

    void work() {
        while (!is_stopped()) {
            const auto index = next_++;
            if (index >= found_.installations.size())
                return;
            fill(found_.installations[index]);
        }
    }

    void fill(installation& cell) {
        // Only `version`, which others may correct meanwhile, needs the lock.
        const auto& python = found_.interpreters[cell.interpreter];
        if (!python.missing.why.empty()) {
            cell.result = installation::state::fails;
            cell.missing = python.missing;
            return;
        }
        tell(cell, python);
        const auto began = clock::now();
        if (auto problem = attempt(cell, python)) {
            if (is_stopped())
                return;
            describe(cell, *problem);
        } else {
            cell.result = installation::state::works;
            cell.duration = clock::now() - began;
        }
    }

    std::optional<error> attempt(const installation& cell, const found_interpreter& python) {
        try {
            make_and_use(machine_, spec_of(python, cell.kind, how_.timeout), how_.timeout,
                         [&](const std::string& version) {
                             std::lock_guard lock{mutex_};
                             found_.interpreters[cell.interpreter].version = version;
                         });
            return std::nullopt;
        } catch (const ephemeral_exception& problem) {
            return problem.details();
        } catch (const std::exception& problem) { // a promise broken by an end that came from outside
            return error{error_code::system_failure, problem.what(), {}, {}};
        }
    }

    void describe(installation& cell, const error& problem) const {
        const auto& backends = found_.backends;
        auto tool = std::find_if(backends.begin(), backends.end(),
                                 [&](const found_backend& one) { return one.kind == cell.kind; });
        bool is_there = tool != backends.end() && tool->available;
        cell.result = judge(problem, is_there);
        cell.missing = in_short(problem, cell.kind);
        if (found_.offline && cell.result == installation::state::fails)
            cell.missing.remedy = advice_offline(cell.kind);
        // The tool alone is missing: one reason for all interpreters.
        if (problem.code == error_code::backend_not_found && tool != backends.end() && !is_there)
            cell.missing = tool->missing;
    }

    void tell(const installation& cell, const found_interpreter& python) {
        std::lock_guard lock{mutex_};
        ++begun_;
        if (how_.on_progress)
            how_.on_progress(fmt::format("{}/{} trying {} with Python {}", begun_,
                                         found_.installations.size(), to_string(cell.kind), python.version));
    }

    runtime& machine_;
    diagnosis& found_;
    const installation_trials& how_;
    std::atomic<std::size_t> next_{0};
    std::mutex mutex_;
    std::size_t begun_ = 0;
};

} // namespace

void try_installations(runtime& machine, diagnosis& found, const installation_trials& how) {
    found.installations.clear();
    for (std::size_t index = 0; index < found.interpreters.size(); ++index)
        for (const auto& one : found.backends) {
            installation cell;
            cell.kind = one.kind;
            cell.interpreter = index;
            found.installations.push_back(std::move(cell));
        }
    trials{machine, found, how}.run();
}

} // namespace gestvenv::cli
