# SPDX-License-Identifier: MIT
# gestvenv_layer(NAME FOLDER [WITHOUT path...] LINK library...): an object library of every .cpp below the folder, found
# anew at each build, so that a new file in the right folder needs no edit here. WITHOUT names files and folders below
# it that belong to another target.
function(gestvenv_layer name folder)
    cmake_parse_arguments(LAYER "" "" "WITHOUT;LINK" ${ARGN})
    file(GLOB_RECURSE sources CONFIGURE_DEPENDS RELATIVE "${PROJECT_SOURCE_DIR}"
        "${PROJECT_SOURCE_DIR}/${folder}/*.cpp")
    foreach(path IN LISTS LAYER_WITHOUT)
        if(NOT EXISTS "${PROJECT_SOURCE_DIR}/${folder}/${path}")
            message(FATAL_ERROR "${name} is to leave out ${folder}/${path}, which is not there")
        endif()
        list(FILTER sources EXCLUDE REGEX "^${folder}/${path}(/|$)")
    endforeach()
    if(NOT sources)
        message(FATAL_ERROR "${name}: there is no source in ${folder}")
    endif()
    list(TRANSFORM sources PREPEND "${PROJECT_SOURCE_DIR}/")
    add_library(${name} OBJECT ${sources})
    target_include_directories(${name} PRIVATE ${GESTVENV_INCLUDE_ROOTS})
    target_link_libraries(${name} PRIVATE gestvenv_compiler ${LAYER_LINK})
endfunction()

# gestvenv_objects(RESULT NAME...): the objects of the named layers.
function(gestvenv_objects result)
    set(objects "")
    foreach(name IN LISTS ARGN)
        list(APPEND objects $<TARGET_OBJECTS:${name}>)
    endforeach()
    set(${result} "${objects}" PARENT_SCOPE)
endfunction()

# gestvenv_program(TARGET FILE_NAME MAIN NAME...): a program in build/<preset>/bin of one main file and the
# objects of layers.
function(gestvenv_program target file_name main)
    gestvenv_objects(objects ${ARGN})
    add_executable(${target} "${PROJECT_SOURCE_DIR}/${main}" ${objects})
    set_target_properties(${target} PROPERTIES OUTPUT_NAME ${file_name}
        RUNTIME_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/bin")
    target_include_directories(${target} PRIVATE ${GESTVENV_INCLUDE_ROOTS})
    target_link_libraries(${target} PRIVATE gestvenv_compiler)
endfunction()
