// SPDX-License-Identifier: MIT
// Whole outputs of command lines, kept in files: a change of one letter shows up in a review.
// GESTVENV_UPDATE_SNAPSHOTS=1 writes the files anew.
#pragma once

#include "tests/end_to_end/program.hpp"

#include <string>
#include <vector>

namespace gestvenv::test {

/// Collects what command lines gave, and is compared with its file at the end.
class snapshot {
public:
    /// `name` is that of the file in tests/end_to_end/snapshots, without `.txt`.
    explicit snapshot(std::string name) : name_(std::move(name)) {}

    /// Runs `gestvenv WORD...` and adds it with all it wrote and its status.
    void add(scene& place, const std::vector<std::string>& words);
    /// Fails the test where the file says otherwise.
    void check() const;

private:
    std::string name_;
    std::string text_;
};

/// `text` without what differs from run to run and from machine to machine: versions, ids, durations, sizes,
/// folders.
std::string normalized(std::string text, const scene& place);

} // namespace gestvenv::test
