// Identifiers that nobody can guess and nobody has to hand out.
#pragma once

#include <string>

namespace gestvenv {

/// A random UUID (RFC 9562, version 4) from getrandom(2), in lower case.
std::string random_identifier();

} // namespace gestvenv
