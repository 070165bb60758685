// SPDX-License-Identifier: MIT
// Named steps at which tests interrupt the program: by an exception, by killing an actor, by SIGKILL of the
// runtime, the launcher, a keeper or all of them.
//
// The function behind them is empty (fault_point.cpp) in every program that is meant for use. Programs that
// inject faults are linked with another one (tools/faults/injector/injector.cpp) from otherwise the same
// objects, so that what is tested is what is shipped. An empty call costs about a nanosecond.
#pragma once

namespace gestvenv {

/// Something has just happened or is just about to, as `step` says; its first word is the part of the program
/// it belongs to. Where faults are injected it may throw, and it may wait until a process has been killed.
void fault_point(const char* step);

} // namespace gestvenv
