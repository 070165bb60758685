// SPDX-License-Identifier: MIT
#include "runtime/answers.hpp"

namespace gestvenv {

thread_local bool answering_scope::answering = false;

} // namespace gestvenv
