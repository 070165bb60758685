// SPDX-License-Identifier: MIT
// JSON to every public value type, and back: a letter that names the type, then the text.
#include "tools/fuzzing/check.hpp"

#include "messages/json.hpp"

#include <gestvenv/command_spec.hpp>
#include <gestvenv/crash_report.hpp>
#include <gestvenv/environment_info.hpp>
#include <gestvenv/environment_spec.hpp>
#include <gestvenv/install_result.hpp>
#include <gestvenv/operation_result.hpp>
#include <gestvenv/project_source.hpp>
#include <gestvenv/resource_limits.hpp>
#include <gestvenv/resource_usage.hpp>
#include <gestvenv/runtime_config.hpp>
#include <gestvenv/runtime_event.hpp>
#include <gestvenv/teardown_receipt.hpp>

#include <array>
#include <chrono>
#include <map>
#include <string>
#include <vector>

namespace {

using namespace gestvenv;
using namespace gestvenv::fuzzing;

/// What the public types have no field of.
struct other_kinds {
    float small = 0;
    std::int8_t tiny = 0;
    std::uint64_t large = 0;
    std::chrono::duration<double> exact{};
    std::chrono::duration<std::int32_t, std::milli> brief{};
    std::chrono::hours coarse{};
    std::map<std::string, std::vector<double>> table;
};

template <class Inspector>
bool inspect(Inspector& f, other_kinds& x) {
    return f.object(x).fields(f.field("small", x.small), f.field("tiny", x.tiny), f.field("large", x.large),
                              f.field("exact", x.exact), f.field("brief", x.brief),
                              f.field("coarse", x.coarse), f.field("table", x.table));
}

template <class T>
void there_and_back(const nlohmann::json& source) {
    auto value = from_json_value<T>(source);
    if (!value)
        return require_told(value.error());
    auto written = to_json_value(*value).dump();
    auto document = parse_json(written);
    require(document.has_value(), "what is written is JSON");
    auto back = from_json_value<T>(*document);
    require(back.has_value(), "what is written can be read");
    // A time finer than seconds is exact to 2^53 ticks: what is read is written alike from the second time
    // on.
    auto again = from_json_value<T>(to_json_value(*back));
    require(again.has_value() && to_json_value(*again) == to_json_value(*back), "a value stays as it is");
    static_cast<void>(to_json_value(*value, text_policy::replace).dump());
}

constexpr std::array types{
    &there_and_back<access_grant>,
    &there_and_back<alert>,
    &there_and_back<command_spec>,
    &there_and_back<crash_report>,
    &there_and_back<environment_info>,
    &there_and_back<environment_spec>,
    &there_and_back<error>,
    &there_and_back<install_request>,
    &there_and_back<install_result>,
    &there_and_back<installed_package>,
    &there_and_back<operation_result>,
    &there_and_back<other_kinds>,
    &there_and_back<project_source>,
    &there_and_back<residue>,
    &there_and_back<resource_limits>,
    &there_and_back<resource_usage>,
    &there_and_back<runtime_config>,
    &there_and_back<runtime_event>,
    &there_and_back<teardown_receipt>,
    &there_and_back<uninstall_request>,
    &there_and_back<usage_sample>,
};

} // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    auto text = as_text(data, size);
    auto type = take_choice(text, types.size());
    auto document = parse_json(text);
    if (document)
        types[type](*document);
    else
        require_told(document.error());
    return 0;
}
