// SPDX-License-Identifier: MIT
// The launcher and whatever a crash of it leaves are no children of this program, and go to the nearest
// subreaper when their parent ends: to pid 1, which in many containers collects no ended process (docker exec
// beside a program).
#pragma once

namespace gestvenv::cli {

/// Makes the program that subreaper (prctl(2)) and waits, at the end of its life, for what has come to it. To
/// be made before a runtime, and so to outlive it. For programs of our own only: a host's children are its
/// own.
class adopted_children {
public:
    adopted_children() noexcept;
    ~adopted_children();
    adopted_children(const adopted_children&) = delete;
    adopted_children& operator=(const adopted_children&) = delete;
};

} // namespace gestvenv::cli
