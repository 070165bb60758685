# SPDX-License-Identifier: MIT
# Whether the node's page can be built: Node.js, and the packages of page/package-lock.json in the folder `page_folder`.
# Leaves `page_left_out` empty, or sets it to the reason and `page_remedy` to what helps. Runs in a script, too
# (tests/packaging/page_left_out_test.sh).
set(GESTVENV_PAGE AUTO CACHE STRING "The node's page: AUTO (built where Node.js is), ON (an error without it) or OFF")
set(page_left_out "")
set(page_remedy "")
set(page_folder "${PROJECT_BINARY_DIR}/page")

# page_is_left_out(WHY REMEDY): says so, or fails where the page was asked for.
macro(page_is_left_out why remedy)
    set(page_left_out "${why}")
    set(page_remedy "${remedy}")
    if(GESTVENV_PAGE STREQUAL "ON")
        message(FATAL_ERROR "The page cannot be built: ${why}.\nTo mend it: ${remedy}")
    endif()
    message(STATUS "The node's page is left out: ${why}")
endmacro()

# One that was found before may have been removed since.
foreach(_tool GESTVENV_NODE_JS GESTVENV_NPM)
    if(${_tool} AND NOT EXISTS "${${_tool}}")
        unset(${_tool} CACHE)
    endif()
endforeach()
find_program(GESTVENV_NODE_JS NAMES node nodejs DOC "Node.js, which builds the page")
find_program(GESTVENV_NPM NAMES npm DOC "npm, which fetches the page's packages")
mark_as_advanced(GESTVENV_NODE_JS GESTVENV_NPM)
if(NOT GESTVENV_PAGE)
    page_is_left_out("gestvenv was built with GESTVENV_PAGE=OFF" "build it again with GESTVENV_PAGE=AUTO")
elseif(GESTVENV_SANITIZE AND NOT GESTVENV_PAGE STREQUAL "ON")
    page_is_left_out("it is not built for the sanitizers" "use the program of another preset")
elseif(NOT GESTVENV_NODE_JS OR NOT GESTVENV_NPM)
    page_is_left_out("Node.js and npm were not there when gestvenv was built"
        "install nodejs (20.19 or newer) and npm, and build gestvenv again")
else()
    execute_process(COMMAND "${GESTVENV_NODE_JS}" --version OUTPUT_VARIABLE _node_version
        RESULT_VARIABLE _failed OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET TIMEOUT 30)
    string(REGEX REPLACE "^v" "" _node_version "${_node_version}")
    if(NOT _failed EQUAL 0 OR NOT _node_version MATCHES "^[0-9]+\\.")
        page_is_left_out("${GESTVENV_NODE_JS} did not tell its version when gestvenv was built"
            "install a nodejs that works, and build gestvenv again")
    elseif(_node_version VERSION_LESS 20.19)
        page_is_left_out("Node.js was ${_node_version} when gestvenv was built, and 20.19 is needed"
            "install a newer nodejs, and build gestvenv again")
    endif()
endif()

# Once for each state of the list of packages; what is there already is used without a network.
if(NOT page_left_out)
    file(SHA256 "${PROJECT_SOURCE_DIR}/page/package-lock.json" _lock)
    set(_installed "")
    if(EXISTS "${page_folder}/installed")
        file(READ "${page_folder}/installed" _installed)
    endif()
    if(NOT _installed STREQUAL _lock)
        message(STATUS "Fetching the packages of the node's page")
        # npm begins by removing what is there.
        file(REMOVE "${page_folder}/installed")
        file(COPY "${PROJECT_SOURCE_DIR}/page/package.json" "${PROJECT_SOURCE_DIR}/page/package-lock.json"
            "${PROJECT_SOURCE_DIR}/page/.npmrc" DESTINATION "${page_folder}")
        # By default npm waits five minutes for an answer, and a minute before it tries again.
        execute_process(COMMAND "${GESTVENV_NPM}" ci --ignore-scripts --no-audit --no-fund --prefer-offline
            --fetch-timeout=60000 --fetch-retries=2 --fetch-retry-mintimeout=1000 --fetch-retry-maxtimeout=5000
            WORKING_DIRECTORY "${page_folder}" TIMEOUT 600
            RESULT_VARIABLE _failed OUTPUT_VARIABLE _said ERROR_VARIABLE _said)
        if(NOT _failed EQUAL 0)
            message(WARNING "npm ci failed (${_failed}):\n${_said}")
            page_is_left_out("its packages could not be fetched when gestvenv was built"
                "build gestvenv again where the npm registry can be reached")
        else()
            file(WRITE "${page_folder}/installed" "${_lock}")
        endif()
    endif()
endif()
