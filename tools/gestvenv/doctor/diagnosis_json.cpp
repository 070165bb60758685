// SPDX-License-Identifier: MIT
#include "tools/gestvenv/doctor/diagnosis_json.hpp"

#include <nlohmann/json.hpp>

#include <cmath>

namespace gestvenv::cli {

namespace {

using json = nlohmann::ordered_json;

/// What is empty is null: a script asks for it by its truth.
json text_or_null(const std::string& text) {
    return text.empty() ? json(nullptr) : json(text);
}

void add(json& object, const shortcoming& missing) {
    object["why"] = text_or_null(missing.why);
    object["remedy"] = text_or_null(missing.remedy);
}

json to_value(const ability& one) {
    json object{{"kind", to_string(one.kind)},
                {"name", one.name},
                {"available", one.available},
                {"needed", one.needed},
                {"detail", text_or_null(one.detail)}};
    add(object, one.missing);
    return object;
}

json to_value(const found_interpreter& one) {
    json object{{"version", one.version},
                {"path", text_or_null(one.path)},
                {"default", one.is_default},
                {"needed", one.needed}};
    add(object, one.missing);
    return object;
}

json to_value(const found_backend& one) {
    json object{{"name", to_string(one.kind)},
                {"available", one.available},
                {"needed", one.needed},
                {"path", text_or_null(one.path)}};
    add(object, one.missing);
    return object;
}

json to_value(const installation& one, const found_interpreter& python) {
    json object{{"backend", to_string(one.kind)},
                {"python", python.version},
                {"path", text_or_null(python.path)},
                {"state", to_string(one.result)},
                {"seconds", nullptr}};
    if (one.duration) // whole milliseconds: the rest is noise
        object["seconds"] = std::round(one.duration->count() * 1000) / 1000;
    add(object, one.missing);
    return object;
}

template <class List>
json to_array(const List& list) {
    auto array = json::array();
    for (const auto& one : list)
        array.push_back(to_value(one));
    return array;
}

} // namespace

std::string as_json(const diagnosis& found) {
    const auto wrong = complaints(found);
    json all{
        {"works", wrong.empty()}, {"complaints", wrong}, {"quick", found.quick}, {"offline", found.offline}};
    all["abilities"] = to_array(found.abilities);
    all["interpreters"] = to_array(found.interpreters);
    all["backends"] = to_array(found.backends);
    all["installations"] = json::array();
    for (const auto& one : found.installations)
        all["installations"].push_back(to_value(one, found.interpreters[one.interpreter]));
    // A path need not be UTF-8.
    return all.dump(2, ' ', false, json::error_handler_t::replace) + "\n";
}

} // namespace gestvenv::cli
