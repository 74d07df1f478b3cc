#ifndef DARKROOM_CLI_EVENT_SEQUENCE_H_
#define DARKROOM_CLI_EVENT_SEQUENCE_H_

#include <cstdint>

#include "absl/status/status.h"
#include "darkroom/v1/job.pb.h"

namespace darkroom::cli {

// Checks that a job's events arrive without a gap, over any number of streams: the sequence of each
// is that of the event before it plus one plus `superseded`, and repeats only for the chunks of one
// image and for refreshed queue positions.
class EventSequence {
 public:
  // Begins after `after_sequence`; 0 is the beginning of the job.
  explicit EventSequence(std::int64_t after_sequence)
      : last_(after_sequence), last_whole_(after_sequence) {}

  // DATA_LOSS when the event does not follow the one before it.
  absl::Status Accept(const darkroom::v1::JobEvent& event);

  // Where to go on in a new stream: the newest event that has arrived whole, which an image has
  // only with its last chunk. Call Restart when that stream begins.
  std::int64_t last_whole() const { return last_whole_; }
  void Restart() { last_ = last_whole_; }

 private:
  std::int64_t last_;
  std::int64_t last_whole_;
};

}  // namespace darkroom::cli

#endif  // DARKROOM_CLI_EVENT_SEQUENCE_H_
