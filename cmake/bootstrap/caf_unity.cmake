# SPDX-License-Identifier: MIT
# Handed to CAF's own build by tools/bootstrap (CMAKE_PROJECT_INCLUDE). A unity build of CAF 0.18.7 takes one
# minute on two cores instead of six. One file of it repeats a name of an unnamed namespace and stays alone.
if(CMAKE_CURRENT_SOURCE_DIR STREQUAL CMAKE_SOURCE_DIR)
    cmake_language(DEFER CALL set_source_files_properties
        "${CMAKE_SOURCE_DIR}/libcaf_core/src/binary_serializer.cpp"
        DIRECTORY libcaf_core
        PROPERTIES SKIP_UNITY_BUILD_INCLUSION ON)
endif()
