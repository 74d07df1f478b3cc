#ifndef DARKROOM_TESTS_CHAOS_CHECK_HISTORY_H_
#define DARKROOM_TESTS_CHAOS_CHECK_HISTORY_H_

#include <string>
#include <vector>

#include "absl/time/time.h"
#include "tests/chaos/history.pb.h"

namespace darkroom::testing {

// A lease (15 s), the reaper's interval and the next worker's poll.
constexpr absl::Duration kRecovery = absl::Seconds(25);

// What a finished history says against the promises of the queue, a line each; empty when all were
// kept:
//
// A every acknowledged job ended, in one state for all who looked, and a request has one job;
// B a job that succeeded has as many pictures as were asked for, the same bytes for every watcher;
// C every watcher saw every sequence up to the end, and one end, after which nothing came;
// D no index of the store holds anything of a job that has ended, but that it has;
// G a job that ran when a fault that `recovers` came has another event within kRecovery;
// J calls were refused with UNAVAILABLE, RESOURCE_EXHAUSTED or DEADLINE_EXCEEDED alone.
//
// E (fairness), F (memory), H (charges) and I (other tenants) have tests of their own.
std::vector<std::string> Violations(const std::vector<chaos::Entry>& history);

}  // namespace darkroom::testing

#endif  // DARKROOM_TESTS_CHAOS_CHECK_HISTORY_H_
