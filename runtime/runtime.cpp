#include <gestvenv/runtime.hpp>

#include "runtime/ask.hpp"
#include "runtime/host_paths.hpp"
#include "runtime/runtime_core.hpp"
#include "system/random_identifier.hpp"

namespace gestvenv {

runtime::runtime() : runtime(runtime_options{}) {}

runtime::runtime(runtime_options options) : core_(std::make_shared<runtime_core>(std::move(options))) {}

runtime::~runtime() {
    // Environments that the host still holds keep the core's memory; everything in it ends here all the same.
    core_->close();
}

environment runtime::create(environment_spec spec) {
    core_->throw_if_forked();
    if (spec.requirements_file)
        spec.requirements_file = checked_requirements_file(*spec.requirements_file);
    spec.python_version = absolute_interpreter(std::move(spec.python_version));
    auto info = core_->ask<environment_info>(create_atom_v, random_identifier(), std::move(spec));
    return environment{core_, std::move(info.id)};
}

std::vector<environment_info> runtime::list() const {
    return core_->ask<std::vector<environment_info>>(list_atom_v);
}

environment_info runtime::find(std::string_view wanted) const {
    return core_->ask<environment_info>(find_atom_v, std::string{wanted});
}

teardown_receipt runtime::cleanup(std::string_view wanted, bool force) {
    auto receipt =
        core_->ask<teardown_receipt>(destroy_atom_v, std::string{wanted}, cleanup_reason::requested, force);
    throw_if_residue(receipt);
    return receipt;
}

std::vector<teardown_receipt> runtime::shutdown() {
    core_->throw_if_forked();
    return core_->shut_down();
}

runtime_abilities runtime::abilities() const {
    return core_->abilities();
}

} // namespace gestvenv
