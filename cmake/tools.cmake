# SPDX-License-Identifier: MIT
# The command line, the benchmarks and the endurance test. Each is a main file and a layer of the rest, which the tests link too.
gestvenv_layer(gestvenv_command_line tools/gestvenv WITHOUT main.cpp LINK ${plain} gestvenv_curses gestvenv_editline)
target_include_directories(gestvenv_command_line PRIVATE "${PROJECT_SOURCE_DIR}/net/include")
gestvenv_program(gestvenv_cli gestvenv tools/gestvenv/main.cpp gestvenv_command_line gestvenv_net gestvenv_without_tls
    gestvenv_without_telemetry)
gestvenv_program(gestvenv_node gestvenv-node tools/gestvenv/main.cpp gestvenv_command_line gestvenv_net gestvenv_tls
    gestvenv_telemetry)
target_link_libraries(gestvenv_node PRIVATE OpenSSL::SSL prometheus-cpp::core)
include(CheckLinkerFlag)
if(TARGET gestvenv_page)
    target_sources(gestvenv_node PRIVATE $<TARGET_OBJECTS:gestvenv_page>)
endif()
# A third of what a start of the program costs is spent in the dynamic loader: it gets less to do.
foreach(program gestvenv_cli gestvenv_node)
    target_link_libraries(${program} PRIVATE gestvenv ${plain} gestvenv_archive gestvenv_curses gestvenv_editline)
    if(GESTVENV_SANITIZE)
        continue()
    endif()
    target_link_options(${program} PRIVATE -Wl,--as-needed)
    # Not in the node: prometheus-cpp is a shared library and brings libstdc++ along, and two of them in one process have two
    # sets of locales.
    if(program STREQUAL gestvenv_cli)
        target_link_options(${program} PRIVATE -static-libstdc++ -static-libgcc)
    endif()
    check_linker_flag(CXX -Wl,-z,pack-relative-relocs GESTVENV_PACKS_RELOCATIONS)
    if(GESTVENV_PACKS_RELOCATIONS)
        target_link_options(${program} PRIVATE -Wl,-z,pack-relative-relocs)
    endif()
endforeach()
add_dependencies(gestvenv_cli gestvenv_node)

# What the program itself knows best: its manual pages, and what shells complete it with.
set(texts "${PROJECT_BINARY_DIR}/texts")
add_custom_command(OUTPUT "${texts}/made"
    COMMAND "${CMAKE_COMMAND}" -E rm -rf "${texts}"
    COMMAND "${CMAKE_COMMAND}" -E make_directory "${texts}/completion"
    COMMAND gestvenv_cli __manual "${texts}/man"
    COMMAND gestvenv_cli completion bash > "${texts}/completion/gestvenv"
    COMMAND gestvenv_cli completion zsh > "${texts}/completion/_gestvenv"
    COMMAND gestvenv_cli completion fish > "${texts}/completion/gestvenv.fish"
    COMMAND "${CMAKE_COMMAND}" -E touch "${texts}/made"
    DEPENDS gestvenv_cli COMMENT "Writing manual pages and completions" VERBATIM)
add_custom_target(gestvenv_texts ALL DEPENDS "${texts}/made")

gestvenv_layer(gestvenv_benchmarks tools/bench WITHOUT main.cpp LINK ${plain} CAF::core)
gestvenv_program(gestvenv_bench gestvenv-bench tools/bench/main.cpp gestvenv_benchmarks gestvenv_net gestvenv_without_tls
    gestvenv_telemetry)
target_link_libraries(gestvenv_bench PRIVATE gestvenv ${plain} CAF::core prometheus-cpp::core gestvenv_archive)

gestvenv_layer(gestvenv_endurance tools/endurance WITHOUT main.cpp LINK ${plain})
gestvenv_program(gestvenv_soak gestvenv-soak tools/endurance/main.cpp gestvenv_endurance)
target_link_libraries(gestvenv_soak PRIVATE gestvenv ${plain} CLI11::CLI11)

# Nothing of ours starts a process but the launcher, so none of them is of use without it.
foreach(program gestvenv_cli gestvenv_bench gestvenv_soak)
    add_dependencies(${program} gestvenv_launcher)
endforeach()
