#ifndef DARKROOM_CLI_DURATION_H_
#define DARKROOM_CLI_DURATION_H_

#include <google/protobuf/duration.pb.h>

#include "absl/time/time.h"

namespace darkroom::cli {

inline absl::Duration ToDuration(const google::protobuf::Duration& duration) {
  return absl::Seconds(duration.seconds()) + absl::Nanoseconds(duration.nanos());
}

}  // namespace darkroom::cli

#endif  // DARKROOM_CLI_DURATION_H_
