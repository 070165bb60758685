# SPDX-License-Identifier: MIT
# The node's page: page/ built by Vite, compressed and embedded in gestvenv-node. Where Node.js or the page's packages are
# missing it is left out, the rest is built, and `gestvenv doctor` says so.
include("${CMAKE_CURRENT_LIST_DIR}/page_packages.cmake")
if(NOT page_left_out)
    file(GLOB_RECURSE _page_sources CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/page/*")
    add_custom_command(OUTPUT "${page_folder}/page_files.cpp"
        COMMAND "${GESTVENV_NODE_JS}" "${PROJECT_SOURCE_DIR}/page/build.mjs" "${page_folder}"
        DEPENDS ${_page_sources} COMMENT "Building the node's page" VERBATIM)
    add_library(gestvenv_page OBJECT "${page_folder}/page_files.cpp")
    target_include_directories(gestvenv_page PRIVATE "${PROJECT_SOURCE_DIR}")
    target_link_libraries(gestvenv_page PRIVATE gestvenv_compiler)
else()
    set_source_files_properties(tools/gestvenv/node/built_page.cpp PROPERTIES
        COMPILE_DEFINITIONS "GESTVENV_PAGE_IS_LEFT_OUT=\"${page_left_out}\";GESTVENV_PAGE_REMEDY=\"${page_remedy}\"")
endif()
