# SPDX-License-Identifier: MIT
# How our own code is compiled. Dependencies come in as SYSTEM headers and are not judged.
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)

find_program(GESTVENV_CCACHE ccache)
mark_as_advanced(GESTVENV_CCACHE)
if(GESTVENV_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
    # What a source reads is taken from the compiler's own list instead of a run of the preprocessor: where nothing
    # is cached yet, a build takes a tenth less.
    set(CMAKE_CXX_COMPILER_LAUNCHER env CCACHE_DEPEND=1 "${GESTVENV_CCACHE}")
endif()

add_library(gestvenv_compiler INTERFACE)
target_compile_options(gestvenv_compiler INTERFACE
    -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wnon-virtual-dtor -Wold-style-cast
    -Woverloaded-virtual -Wcast-align -Wimplicit-fallthrough -Wextra-semi
    $<$<CXX_COMPILER_ID:GNU>:-Wduplicated-cond -Wlogical-op>
    # clang counts it to -Wconversion, g++ does not; sizes and the kernel's own types make it noise.
    -Wno-sign-conversion
    # {.name = "x"} leaves the rest at its defaults on purpose; C++ has no warning that knows the difference.
    -Wno-missing-field-initializers
    # g++ 12 sees overlapping copies inside std::string that are not there (GCC bug 105651).
    $<$<CXX_COMPILER_ID:GNU>:-Wno-restrict>)
if(GESTVENV_WERROR)
    target_compile_options(gestvenv_compiler INTERFACE -Werror)
endif()

set(GESTVENV_SANITIZE "" CACHE STRING "Sanitizers: empty, 'address,undefined' or 'thread'")
if(GESTVENV_SANITIZE)
    # Instrumented code makes the optimizer's flow analysis see uses of values that are always set.
    target_compile_options(gestvenv_compiler INTERFACE
        -fsanitize=${GESTVENV_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all
        $<$<CXX_COMPILER_ID:GNU>:-Wno-maybe-uninitialized>)
    if(GESTVENV_SANITIZE MATCHES thread)
        # It does not know fences. Asio's are for handlers without a lock between them, which an io_context has.
        target_compile_definitions(gestvenv_compiler INTERFACE BOOST_ASIO_DISABLE_FENCED_BLOCK)
        target_compile_options(gestvenv_compiler INTERFACE $<$<CXX_COMPILER_ID:GNU>:-Wno-tsan>)
    endif()
    target_link_options(gestvenv_compiler INTERFACE -fsanitize=${GESTVENV_SANITIZE})
endif()
# Sections are dropped by the linker where nothing refers to them: the launcher stays small.
target_compile_options(gestvenv_compiler INTERFACE $<$<CONFIG:Release>:-ffunction-sections -fdata-sections>)
target_link_options(gestvenv_compiler INTERFACE $<$<CONFIG:Release>:-Wl,--gc-sections>)
