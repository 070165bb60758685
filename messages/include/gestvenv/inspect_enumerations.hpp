// SPDX-License-Identifier: MIT
// The single description of each enumeration and of `error`, for wire and text formats; see
// inspect_support.hpp.
#pragma once

#include <gestvenv/enumerations.hpp>
#include <gestvenv/error.hpp>
#include <gestvenv/inspect_support.hpp>

namespace gestvenv {

template <class Inspector>
bool inspect(Inspector& f, backend& x) {
    return inspect_enumeration(f, x);
}

template <class Inspector>
bool inspect(Inspector& f, environment_status& x) {
    return inspect_enumeration(f, x);
}

template <class Inspector>
bool inspect(Inspector& f, isolation_level& x) {
    return inspect_enumeration(f, x);
}

template <class Inspector>
bool inspect(Inspector& f, security_mode& x) {
    return inspect_enumeration(f, x);
}

template <class Inspector>
bool inspect(Inspector& f, shared_memory& x) {
    return inspect_enumeration(f, x);
}

template <class Inspector>
bool inspect(Inspector& f, storage_backend& x) {
    return inspect_enumeration(f, x);
}

template <class Inspector>
bool inspect(Inspector& f, containment& x) {
    return inspect_enumeration(f, x);
}

template <class Inspector>
bool inspect(Inspector& f, cleanup_reason& x) {
    return inspect_enumeration(f, x);
}

template <class Inspector>
bool inspect(Inspector& f, error_code& x) {
    return inspect_enumeration(f, x);
}

template <class Inspector>
bool inspect(Inspector& f, error& x) {
    return f.object(x).fields(f.field("code", x.code), f.field("message", x.message),
                              f.field("environment", x.environment), f.field("hint", x.hint));
}

} // namespace gestvenv
