# SPDX-License-Identifier: MIT
# The node's page: page/ built by Vite, compressed and embedded in gestvenv-node. Where Node.js or the page's packages are
# missing it is left out, the rest is built, and `gestvenv doctor` says so.
set(GESTVENV_PAGE AUTO CACHE STRING "The node's page: AUTO (built where Node.js is), ON (an error without it) or OFF")
set(_page_left_out "")
set(page_folder "${PROJECT_BINARY_DIR}/page")

# page_is_left_out(WHY REMEDY): says so, or fails where the page was asked for.
macro(page_is_left_out why remedy)
    set(_page_left_out "${why}")
    set(_page_remedy "${remedy}")
    if(GESTVENV_PAGE STREQUAL "ON")
        message(FATAL_ERROR "The page cannot be built: ${why}.")
    endif()
    message(STATUS "The node's page is left out: ${why}")
endmacro()

find_program(GESTVENV_NODE_JS NAMES node nodejs DOC "Node.js, which builds the page")
find_program(GESTVENV_NPM NAMES npm DOC "npm, which fetches the page's packages")
mark_as_advanced(GESTVENV_NODE_JS GESTVENV_NPM)
if(NOT GESTVENV_PAGE OR GESTVENV_PAGE STREQUAL "OFF")
    page_is_left_out("gestvenv was built with GESTVENV_PAGE=OFF" "build it again with GESTVENV_PAGE=AUTO")
elseif(GESTVENV_SANITIZE AND NOT GESTVENV_PAGE STREQUAL "ON")
    page_is_left_out("it is not built for the sanitizers" "use the program of another preset")
elseif(NOT GESTVENV_NODE_JS OR NOT GESTVENV_NPM)
    page_is_left_out("Node.js and npm were not there when gestvenv was built"
        "install nodejs (20.19 or newer) and npm, and build gestvenv again")
else()
    execute_process(COMMAND "${GESTVENV_NODE_JS}" --version OUTPUT_VARIABLE _node_version
        OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
    string(REGEX REPLACE "^v" "" _node_version "${_node_version}")
    if(_node_version VERSION_LESS 20.19)
        page_is_left_out("Node.js was ${_node_version} when gestvenv was built, and 20.19 is needed"
            "install a newer nodejs, and build gestvenv again")
    endif()
endif()

# Once for each state of the list of packages; what is there already is used without a network.
if(NOT _page_left_out)
    file(SHA256 "${PROJECT_SOURCE_DIR}/page/package-lock.json" _lock)
    set(_installed "")
    if(EXISTS "${page_folder}/installed")
        file(READ "${page_folder}/installed" _installed)
    endif()
    if(NOT _installed STREQUAL _lock)
        message(STATUS "Fetching the packages of the node's page")
        file(COPY page/package.json page/package-lock.json page/.npmrc DESTINATION "${page_folder}")
        execute_process(COMMAND "${GESTVENV_NPM}" ci --ignore-scripts --no-audit --no-fund --prefer-offline
            WORKING_DIRECTORY "${page_folder}" RESULT_VARIABLE _failed OUTPUT_VARIABLE _said ERROR_VARIABLE _said)
        if(_failed)
            message(WARNING "npm ci failed:\n${_said}")
            page_is_left_out("its packages could not be fetched when gestvenv was built"
                "build gestvenv again where the npm registry can be reached")
        else()
            file(WRITE "${page_folder}/installed" "${_lock}")
        endif()
    endif()
endif()

if(NOT _page_left_out)
    file(GLOB_RECURSE _page_sources CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/page/*")
    add_custom_command(OUTPUT "${page_folder}/page_files.cpp"
        COMMAND "${GESTVENV_NODE_JS}" "${PROJECT_SOURCE_DIR}/page/build.mjs" "${page_folder}"
        DEPENDS ${_page_sources} COMMENT "Building the node's page" VERBATIM)
    add_library(gestvenv_page OBJECT "${page_folder}/page_files.cpp")
    target_include_directories(gestvenv_page PRIVATE "${PROJECT_SOURCE_DIR}")
    target_link_libraries(gestvenv_page PRIVATE gestvenv_compiler)
else()
    set_source_files_properties(tools/gestvenv/node/built_page.cpp PROPERTIES
        COMPILE_DEFINITIONS "GESTVENV_PAGE_IS_LEFT_OUT=\"${_page_left_out}\";GESTVENV_PAGE_REMEDY=\"${_page_remedy}\"")
endif()
