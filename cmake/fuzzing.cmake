# SPDX-License-Identifier: MIT
# Preset `fuzz`: one libFuzzer program per parser, of nothing but what the parsers need. tools/fuzz builds and runs them.
string(JOIN "|" fuzzed_python environment_marker project_file requirement requirements_text secrets venv_layout
    version_specifier wheels_only)
set(fuzzed_system "^system/(python/(${fuzzed_python})|process/system_failure|regular_file|toml_bounds)\\.cpp$")
set(fuzzed_runtime "^runtime/(configuration_document|configuration_keys)\\.cpp$")
set(fuzzed_tools "^tools/gestvenv/(artifact_pattern|option_values|output|passed_descriptors|terminal_modes|variable_file)\\.cpp$")
gestvenv_layer(gestvenv_fuzzed_messages messages EXCEPT "${on_caf}" LINK ${plain})
gestvenv_layer(gestvenv_fuzzed_system system ONLY "${fuzzed_system}" LINK ${plain} gestvenv_toml)
gestvenv_layer(gestvenv_fuzzed_runtime runtime ONLY "${fuzzed_runtime}" LINK ${plain} gestvenv_toml)
gestvenv_layer(gestvenv_fuzzed_tools tools/gestvenv ONLY "${fuzzed_tools}" LINK ${plain})
gestvenv_objects(fuzzed_objects gestvenv_fuzzed_messages gestvenv_fuzzed_system gestvenv_fuzzed_runtime
    gestvenv_fuzzed_tools)
add_library(gestvenv_fuzzed STATIC ${fuzzed_objects})
set_target_properties(gestvenv_fuzzed PROPERTIES LINKER_LANGUAGE CXX)

file(GLOB fuzz_targets CONFIGURE_DEPENDS RELATIVE "${PROJECT_SOURCE_DIR}/tools/fuzzing"
    "${PROJECT_SOURCE_DIR}/tools/fuzzing/*_target.cpp")
foreach(source IN LISTS fuzz_targets)
    string(REPLACE "_target.cpp" "" target "${source}")
    gestvenv_program(fuzz_${target} fuzz-${target} tools/fuzzing/${source})
    target_link_libraries(fuzz_${target} PRIVATE gestvenv_fuzzed ${plain} -fsanitize=fuzzer)
endforeach()
