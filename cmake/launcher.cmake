# SPDX-License-Identifier: MIT
# gestvenv-launcher: messages and the launcher's side of system, without CAF, Boost or SQLite. One static file
# where the C library allows it, because it is cloned for every keeper and because it may be carried into a
# container whose libraries are others.
gestvenv_program(gestvenv_launcher gestvenv-launcher tools/launcher/main.cpp)
set_target_properties(gestvenv_launcher PROPERTIES EXPORT_NAME launcher)
# From an archive the linker takes only what is called for.
gestvenv_objects(launcher_objects gestvenv_messages gestvenv_system)
add_library(gestvenv_launcher_side STATIC ${launcher_objects})
set_target_properties(gestvenv_launcher_side PROPERTIES LINKER_LANGUAGE CXX)
target_link_libraries(gestvenv_launcher PRIVATE gestvenv_launcher_side tl::expected gestvenv_fmt
    nlohmann_json::nlohmann_json)
if(NOT GESTVENV_SANITIZE)
    include(CheckCXXSourceCompiles)
    set(CMAKE_REQUIRED_LINK_OPTIONS -static)
    check_cxx_source_compiles("#include <string>\nint main() { return std::string().size() != 0; }"
        GESTVENV_STATIC_LAUNCHER)
    unset(CMAKE_REQUIRED_LINK_OPTIONS)
    if(GESTVENV_STATIC_LAUNCHER)
        target_link_options(gestvenv_launcher PRIVATE -static)
    else()
        target_link_options(gestvenv_launcher PRIVATE -static-libstdc++ -static-libgcc)
    endif()
    target_link_options(gestvenv_launcher PRIVATE $<$<CONFIG:Release>:-s>)
endif()
