// SPDX-License-Identifier: MIT
#include <gestvenv/enumerations.hpp>

#include "messages/enumerator_name.hpp"
#include "messages/spelling.hpp"

#include <cstddef>

namespace gestvenv {

namespace {

// An enumerator is spelled as it is named, without the underscore that keeps it apart from a keyword.
template <class Enum>
constexpr std::string_view spelling(Enum value) noexcept {
    const auto number = static_cast<std::size_t>(value);
    if (number >= enumerator_names<Enum>.size())
        return {};
    auto name = enumerator_names<Enum>[number];
    if (name.ends_with('_'))
        name.remove_suffix(1);
    return name;
}

// `auto` is a keyword, and `auto_` would be a poor name.
constexpr std::string_view spelling(backend value) noexcept {
    return value == backend::automatic ? "auto" : spelling<backend>(value);
}

// Spellings are part of the API: these keep the way they are found from changing them.
static_assert(spelling(backend::uv) == "uv" && spelling(backend::automatic) == "auto");
static_assert(spelling(isolation_level::namespace_) == "namespace");
static_assert(spelling(cleanup_reason::orphaned) == "orphaned");
static_assert(spelling(static_cast<backend>(200)).empty());

template <class Enum>
bool find(std::string_view text, Enum& value) noexcept {
    return find_spelling(text, value, [](Enum candidate) { return spelling(candidate); });
}

} // namespace

std::string_view to_string(backend value) noexcept {
    return spelling(value);
}
std::string_view to_string(environment_status value) noexcept {
    return spelling(value);
}
std::string_view to_string(isolation_level value) noexcept {
    return spelling(value);
}
std::string_view to_string(security_mode value) noexcept {
    return spelling(value);
}
std::string_view to_string(shared_memory value) noexcept {
    return spelling(value);
}

std::string_view to_string(storage_backend value) noexcept {
    return spelling(value);
}
std::string_view to_string(containment value) noexcept {
    return spelling(value);
}
std::string_view to_string(cleanup_reason value) noexcept {
    return spelling(value);
}

bool from_string(std::string_view text, backend& value) noexcept {
    return find(text, value);
}
bool from_string(std::string_view text, environment_status& value) noexcept {
    return find(text, value);
}
bool from_string(std::string_view text, isolation_level& value) noexcept {
    return find(text, value);
}
bool from_string(std::string_view text, security_mode& value) noexcept {
    return find(text, value);
}
bool from_string(std::string_view text, shared_memory& value) noexcept {
    return find(text, value);
}

bool from_string(std::string_view text, storage_backend& value) noexcept {
    return find(text, value);
}
bool from_string(std::string_view text, containment& value) noexcept {
    return find(text, value);
}
bool from_string(std::string_view text, cleanup_reason& value) noexcept {
    return find(text, value);
}

} // namespace gestvenv
