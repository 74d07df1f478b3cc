#ifndef DARKROOM_TESTS_CHAOS_FAULTS_H_
#define DARKROOM_TESTS_CHAOS_FAULTS_H_

#include "absl/status/status.h"
#include "absl/types/span.h"
#include "tests/chaos/rig.h"

namespace darkroom::testing {

// Something that goes wrong while the crowd works.
struct Fault {
  const char* name;  // UpperCamelCase
  // Makes it and mends it again; an error when it could not be made.
  absl::Status (*make)(Rig& rig);
  // A job that the broken part held when it came has news of another within kRecovery.
  bool recovers = false;
};

absl::Span<const Fault> AllFaults();

// Makes the fault and writes into the history when.
absl::Status Make(const Fault& fault, Rig& rig);

}  // namespace darkroom::testing

#endif  // DARKROOM_TESTS_CHAOS_FAULTS_H_
