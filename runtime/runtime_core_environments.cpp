// SPDX-License-Identifier: MIT
// What a runtime is asked about one environment.
#include "runtime/ask.hpp"
#include "runtime/runtime_access.hpp"
#include "runtime/runtime_core.hpp"

#include <cstdint>
#include <memory>
#include <utility>

namespace gestvenv {

std::shared_ptr<environment_host> runtime_access::host_of(const runtime& machine) {
    return machine.core_;
}

void runtime_core::find(const std::string& environment, callback<environment_info> done) {
    begin<environment_info>(std::move(done), find_atom_v, environment);
}

void runtime_core::execute(const std::string& environment, command_spec command, output_receiver receiver,
                           callback<operation_result> done) {
    begin<operation_result>(std::move(done), execute_atom_v, environment, std::move(command),
                            std::move(receiver));
}

void runtime_core::install(const std::string& environment, install_request request,
                           callback<install_result> done) {
    begin<install_result>(std::move(done), install_atom_v, environment, std::move(request));
}

void runtime_core::uninstall(const std::string& environment, uninstall_request request,
                             callback<install_result> done) {
    begin<install_result>(std::move(done), uninstall_atom_v, environment, std::move(request));
}

void runtime_core::packages(const std::string& environment, callback<std::vector<installed_package>> done) {
    begin<std::vector<installed_package>>(std::move(done), packages_atom_v, environment);
}

void runtime_core::touch(const std::string& environment, callback<void> done) {
    begin<void>(std::move(done), touch_atom_v, environment);
}

void runtime_core::history(const std::string& environment, std::size_t most,
                           callback<std::vector<runtime_event>> done) {
    done(events(most, environment));
}

void runtime_core::usage(const std::string& environment, callback<usage_sample> done) {
    begin<usage_sample>(std::move(done), usage_atom_v, environment);
}

void runtime_core::usage_history(const std::string& environment, std::size_t most,
                                 callback<std::vector<usage_sample>> done) {
    begin<std::vector<usage_sample>>(std::move(done), history_atom_v, environment, std::uint64_t{most});
}

void runtime_core::processes(const std::string& environment, std::size_t most, callback<process_list> done) {
    begin<process_list>(std::move(done), processes_atom_v, environment, std::uint64_t{most});
}

void runtime_core::destroy(const std::string& environment, bool force, callback<teardown_receipt> done) {
    begin<teardown_receipt>(std::move(done), destroy_atom_v, environment, cleanup_reason::requested, force);
}

} // namespace gestvenv
