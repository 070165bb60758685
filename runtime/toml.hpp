// The TOML library, the same way everywhere it is used: its headers alone, so that a host's own copy cannot
// clash with a library of ours, and errors as values.
#pragma once

#define TOML_HEADER_ONLY 1
#define TOML_EXCEPTIONS 0

#include <toml++/toml.h>
