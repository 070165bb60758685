// SPDX-License-Identifier: MIT
// Where the tests find what was built, and the sources.
#pragma once

namespace gestvenv::test {

extern const char* const built_program;
extern const char* const built_launcher;
extern const char* const built_fault_subject;
extern const char* const built_fault_launcher;
/// See tests/preload.
extern const char* const refused_threads_library;
extern const char* const source_folder;
/// What everything was built with: empty, `address,undefined` or `thread`.
extern const char* const sanitizer;

} // namespace gestvenv::test
