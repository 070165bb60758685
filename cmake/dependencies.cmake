# SPDX-License-Identifier: MIT
# Finds what the build needs. What tools/bootstrap built for this user lies in a cache folder and comes first,
# unless the caller's CMAKE_PREFIX_PATH says otherwise.
if(DEFINED ENV{XDG_CACHE_HOME} AND NOT "$ENV{XDG_CACHE_HOME}" STREQUAL "")
    set(_gestvenv_cache "$ENV{XDG_CACHE_HOME}/gestvenv/dependencies")
else()
    set(_gestvenv_cache "$ENV{HOME}/.cache/gestvenv/dependencies")
endif()
set(GESTVENV_DEPENDENCIES "${_gestvenv_cache}" CACHE PATH "Where tools/bootstrap put CAF and Catch2")

# gestvenv_use_bootstrapped(PACKAGE LINK): lets find_package(PACKAGE) see the bootstrapped build, if there is one.
# The link is resolved, and an answer cached from an earlier recipe forgotten, so that a changed recipe is seen.
macro(gestvenv_use_bootstrapped package link)
    if(EXISTS "${GESTVENV_DEPENDENCIES}/${link}")
        file(REAL_PATH "${GESTVENV_DEPENDENCIES}/${link}" _gestvenv_prefix)
        list(APPEND CMAKE_PREFIX_PATH "${_gestvenv_prefix}")
        if("${${package}_DIR}" MATCHES "^${GESTVENV_DEPENDENCIES}/" AND
           NOT "${${package}_DIR}" MATCHES "^${_gestvenv_prefix}/")
            unset(${package}_DIR CACHE)
        endif()
    endif()
endmacro()

if(GESTVENV_SANITIZE STREQUAL "thread")
    gestvenv_use_bootstrapped(CAF caf-tsan)
endif()
gestvenv_use_bootstrapped(CAF caf)
gestvenv_use_bootstrapped(Catch2 catch2)

include("${CMAKE_CURRENT_LIST_DIR}/caf_version.cmake")
# glibc 2.36 is the first to have it.
include(CheckCXXSymbolExists)
check_cxx_symbol_exists(move_mount "sys/mount.h" GESTVENV_HAS_MOVE_MOUNT)
if(NOT GESTVENV_HAS_MOVE_MOUNT)
    message(FATAL_ERROR "This C library has no move_mount in <sys/mount.h>: glibc 2.36 or newer is needed "
        "(Debian 12, Ubuntu 22.10).")
endif()
set(THREADS_PREFER_PTHREAD_FLAG ON)
find_package(Threads REQUIRED)
find_package(CAF QUIET COMPONENTS core)
gestvenv_caf_version(_gestvenv_caf_version)
if(NOT CAF_FOUND OR _gestvenv_caf_version VERSION_LESS 0.18.7)
    message(FATAL_ERROR "CAF 0.18.7 or newer was not found (${_gestvenv_caf_version}). "
        "Run tools/bootstrap, or name its place in CMAKE_PREFIX_PATH.")
endif()
message(STATUS "CAF ${_gestvenv_caf_version}: ${CAF_DIR}")
find_package(fmt REQUIRED)
# Its headers alone: messages/compiled_fmt.cpp compiles the rest of it.
add_library(gestvenv_fmt INTERFACE)
get_target_property(_gestvenv_fmt_headers fmt::fmt INTERFACE_INCLUDE_DIRECTORIES)
target_include_directories(gestvenv_fmt SYSTEM INTERFACE "${_gestvenv_fmt_headers}")
find_package(nlohmann_json REQUIRED)
find_package(tl-expected REQUIRED)
find_package(SQLite3 REQUIRED)
# As an archive, where there is one: each shared library makes the start of a program slower, and the command line has
# none.
find_library(GESTVENV_SQLITE_ARCHIVE NAMES libsqlite3.a)
mark_as_advanced(GESTVENV_SQLITE_ARCHIVE)
if(GESTVENV_SQLITE_ARCHIVE)
    set_target_properties(SQLite::SQLite3 PROPERTIES IMPORTED_LOCATION "${GESTVENV_SQLITE_ARCHIVE}"
        INTERFACE_LINK_LIBRARIES "m;${CMAKE_DL_LIBS}")
endif()
# Its headers alone (system/toml.hpp): what its own package names is a shared library on Debian.
find_path(GESTVENV_TOMLPLUSPLUS toml++/toml.h REQUIRED DOC "Where toml++ is")
mark_as_advanced(GESTVENV_TOMLPLUSPLUS)
add_library(gestvenv_toml INTERFACE)
target_include_directories(gestvenv_toml SYSTEM INTERFACE "${GESTVENV_TOMLPLUSPLUS}")
if(GESTVENV_TOOLS)
    find_package(CLI11 REQUIRED)
    # Its headers alone: net/http/compiled_boost.cpp compiles the rest of Asio and Beast, once.
    find_package(Boost 1.74 REQUIRED)
    add_library(gestvenv_boost INTERFACE)
    target_include_directories(gestvenv_boost SYSTEM INTERFACE "${Boost_INCLUDE_DIRS}")
    target_compile_definitions(gestvenv_boost INTERFACE BOOST_ASIO_SEPARATE_COMPILATION
        BOOST_ASIO_NO_DEPRECATED BOOST_BEAST_SEPARATE_COMPILATION)
    # Of curses, of which the command line alone has need.
    find_path(GESTVENV_CURSES_HEADERS curses.h REQUIRED DOC "Where curses.h of ncurses is")
    find_library(GESTVENV_CURSES_ARCHIVE NAMES libncursesw.a)
    find_library(GESTVENV_TERMINFO_ARCHIVE NAMES libtinfo.a)
    mark_as_advanced(GESTVENV_CURSES_HEADERS GESTVENV_CURSES_ARCHIVE GESTVENV_TERMINFO_ARCHIVE)
    add_library(gestvenv_curses INTERFACE)
    target_include_directories(gestvenv_curses SYSTEM INTERFACE "${GESTVENV_CURSES_HEADERS}")
    if(GESTVENV_CURSES_ARCHIVE AND GESTVENV_TERMINFO_ARCHIVE)
        target_link_libraries(gestvenv_curses INTERFACE "${GESTVENV_CURSES_ARCHIVE}" "${GESTVENV_TERMINFO_ARCHIVE}")
    else()
        set(CURSES_NEED_WIDE TRUE)
        find_package(Curses REQUIRED)
        target_link_libraries(gestvenv_curses INTERFACE ${CURSES_LIBRARIES})
    endif()
    # The same for libedit.
    find_path(GESTVENV_EDITLINE_HEADERS histedit.h REQUIRED DOC "Where histedit.h of libedit is")
    find_library(GESTVENV_EDITLINE_ARCHIVE NAMES libedit.a)
    find_library(GESTVENV_BSD_ARCHIVE NAMES libbsd.a)
    find_library(GESTVENV_MD_ARCHIVE NAMES libmd.a)
    mark_as_advanced(GESTVENV_EDITLINE_HEADERS GESTVENV_EDITLINE_ARCHIVE GESTVENV_TERMINFO_ARCHIVE GESTVENV_BSD_ARCHIVE
        GESTVENV_MD_ARCHIVE)
    add_library(gestvenv_editline INTERFACE)
    target_include_directories(gestvenv_editline SYSTEM INTERFACE "${GESTVENV_EDITLINE_HEADERS}")
    if(GESTVENV_EDITLINE_ARCHIVE AND GESTVENV_TERMINFO_ARCHIVE AND GESTVENV_BSD_ARCHIVE AND GESTVENV_MD_ARCHIVE)
        target_link_libraries(gestvenv_editline INTERFACE "${GESTVENV_EDITLINE_ARCHIVE}" "${GESTVENV_TERMINFO_ARCHIVE}"
            "${GESTVENV_BSD_ARCHIVE}" "${GESTVENV_MD_ARCHIVE}")
    else()
        find_library(GESTVENV_EDITLINE NAMES edit REQUIRED)
        mark_as_advanced(GESTVENV_EDITLINE)
        target_link_libraries(gestvenv_editline INTERFACE "${GESTVENV_EDITLINE}")
    endif()
    find_package(prometheus-cpp REQUIRED COMPONENTS core)
    # Its headers alone, with the fmt of the rest.
    find_path(GESTVENV_SPDLOG spdlog/spdlog.h REQUIRED DOC "Where spdlog is")
    mark_as_advanced(GESTVENV_SPDLOG)
    add_library(gestvenv_spdlog INTERFACE)
    target_include_directories(gestvenv_spdlog SYSTEM INTERFACE "${GESTVENV_SPDLOG}")
    target_compile_definitions(gestvenv_spdlog INTERFACE SPDLOG_FMT_EXTERNAL)
    # As archives, where there are any: the command line links them too, and each shared library makes its start slower.
    set(OPENSSL_USE_STATIC_LIBS TRUE)
    find_package(OpenSSL 3 QUIET COMPONENTS SSL)
    if(NOT OPENSSL_FOUND)
        unset(OPENSSL_USE_STATIC_LIBS)
        find_package(OpenSSL 3 REQUIRED COMPONENTS SSL)
    endif()
    # As an archive too, if it can be linked without the libraries of its compressions, which no tar format needs: the
    # linker drops the sections that refer to them.
    include(CheckCXXSourceCompiles)
    find_package(LibArchive 3.6 REQUIRED)
    find_library(GESTVENV_LIBARCHIVE_ARCHIVE NAMES libarchive.a)
    mark_as_advanced(GESTVENV_LIBARCHIVE_ARCHIVE)
    add_library(gestvenv_archive INTERFACE)
    target_include_directories(gestvenv_archive SYSTEM INTERFACE "${LibArchive_INCLUDE_DIRS}")
    if(GESTVENV_LIBARCHIVE_ARCHIVE)
        set(CMAKE_REQUIRED_LIBRARIES "${GESTVENV_LIBARCHIVE_ARCHIVE}" -Wl,--gc-sections)
        check_cxx_source_compiles("#include <archive.h>
            int main() {
                return archive_read_support_format_tar(archive_read_new()) +
                       archive_write_set_format_gnutar(archive_write_new());
            }" GESTVENV_LINKS_LIBARCHIVE_ARCHIVE)
        unset(CMAKE_REQUIRED_LIBRARIES)
    endif()
    if(GESTVENV_LINKS_LIBARCHIVE_ARCHIVE)
        target_link_libraries(gestvenv_archive INTERFACE "${GESTVENV_LIBARCHIVE_ARCHIVE}" -Wl,--gc-sections)
    else()
        target_link_libraries(gestvenv_archive INTERFACE LibArchive::LibArchive)
    endif()
endif()
if(GESTVENV_TESTS)
    find_package(Catch2 3 REQUIRED)
endif()
