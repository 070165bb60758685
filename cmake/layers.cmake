# SPDX-License-Identifier: MIT
# gestvenv_layer(NAME FOLDER [ONLY regex] [EXCEPT regex] LINK library...): an object library of every .cpp below
# the folder, found anew at each build, so that a new file in the right folder needs no edit here. ONLY and
# EXCEPT are matched against the path below the repository's root. A layer without sources makes no target.
function(gestvenv_layer name folder)
    cmake_parse_arguments(LAYER "" "ONLY;EXCEPT" "LINK" ${ARGN})
    file(GLOB_RECURSE sources CONFIGURE_DEPENDS RELATIVE "${PROJECT_SOURCE_DIR}"
        "${PROJECT_SOURCE_DIR}/${folder}/*.cpp")
    if(LAYER_ONLY)
        list(FILTER sources INCLUDE REGEX "${LAYER_ONLY}")
    endif()
    if(LAYER_EXCEPT)
        list(FILTER sources EXCLUDE REGEX "${LAYER_EXCEPT}")
    endif()
    if(NOT sources)
        return()
    endif()
    list(TRANSFORM sources PREPEND "${PROJECT_SOURCE_DIR}/")
    add_library(${name} OBJECT ${sources})
    target_include_directories(${name} PRIVATE ${GESTVENV_INCLUDE_ROOTS})
    target_link_libraries(${name} PRIVATE gestvenv_compiler ${LAYER_LINK})
endfunction()

# gestvenv_objects(RESULT NAME...): the objects of those of the named layers that exist.
function(gestvenv_objects result)
    set(objects "")
    foreach(name IN LISTS ARGN)
        if(TARGET ${name})
            list(APPEND objects $<TARGET_OBJECTS:${name}>)
        endif()
    endforeach()
    set(${result} "${objects}" PARENT_SCOPE)
endfunction()

# gestvenv_program(TARGET FILE_NAME MAIN NAME...): a program in build/<preset>/bin of one main file and the
# objects of layers, if the main file exists.
function(gestvenv_program target file_name main)
    if(NOT EXISTS "${PROJECT_SOURCE_DIR}/${main}")
        return()
    endif()
    gestvenv_objects(objects ${ARGN})
    add_executable(${target} "${PROJECT_SOURCE_DIR}/${main}" ${objects})
    set_target_properties(${target} PROPERTIES OUTPUT_NAME ${file_name}
        RUNTIME_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/bin")
    target_include_directories(${target} PRIVATE ${GESTVENV_INCLUDE_ROOTS})
    target_link_libraries(${target} PRIVATE gestvenv_compiler)
endfunction()
