# SPDX-License-Identifier: MIT
# Preset `fuzz`: one libFuzzer program per parser, of nothing but what the parsers need. tools/fuzz builds and runs them.
gestvenv_layer(gestvenv_fuzzed_messages messages WITHOUT caf LINK ${plain})
gestvenv_objects(fuzzed_objects gestvenv_fuzzed_messages)
add_library(gestvenv_fuzzed STATIC ${fuzzed_objects}
    net/http/head_scanner.cpp
    net/http/target.cpp
    runtime/configuration_document.cpp
    runtime/configuration_keys.cpp
    runtime/observability_configuration.cpp
    system/posix/read_bytes.cpp
    system/posix/regular_file.cpp
    system/posix/set_terminal_modes.cpp
    system/posix/system_failure.cpp
    system/posix/terminal_restoration.cpp
    system/python/environment_marker.cpp
    system/python/project_file.cpp
    system/python/requirement.cpp
    system/python/requirements_text.cpp
    system/python/secrets.cpp
    system/python/venv_layout.cpp
    system/python/version_range.cpp
    system/python/version_specifier.cpp
    system/python/wheels_only.cpp
    system/toml_bounds.cpp
    tools/gestvenv/run/artifact_pattern.cpp
    tools/gestvenv/options/option_values.cpp
    tools/gestvenv/output/output.cpp
    tools/gestvenv/run/passed_descriptors.cpp
    tools/gestvenv/run/script_metadata.cpp
    tools/gestvenv/terminal/terminal_modes.cpp
    tools/gestvenv/run/variable_file.cpp)
set_target_properties(gestvenv_fuzzed PROPERTIES LINKER_LANGUAGE CXX)
target_include_directories(gestvenv_fuzzed PRIVATE ${GESTVENV_INCLUDE_ROOTS})
target_link_libraries(gestvenv_fuzzed PRIVATE gestvenv_compiler ${plain} gestvenv_toml)

file(GLOB fuzz_targets CONFIGURE_DEPENDS RELATIVE "${PROJECT_SOURCE_DIR}/tools/fuzzing"
    "${PROJECT_SOURCE_DIR}/tools/fuzzing/*_target.cpp")
foreach(source IN LISTS fuzz_targets)
    string(REPLACE "_target.cpp" "" target "${source}")
    gestvenv_program(fuzz_${target} fuzz-${target} tools/fuzzing/${source})
    target_link_libraries(fuzz_${target} PRIVATE gestvenv_fuzzed ${plain} -fsanitize=fuzzer)
endforeach()
