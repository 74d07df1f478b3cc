#ifndef DARKROOM_CLI_JOB_FOLLOWER_H_
#define DARKROOM_CLI_JOB_FOLLOWER_H_

#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "cli/chunk_assembler.h"
#include "cli/job_stream.h"
#include "cli/picture_writer.h"
#include "cli/progress_bar.h"
#include "cli/progress_view.h"
#include "darkroom/v1/job.pb.h"

namespace darkroom::cli {

// Takes in a job's events: shows its progress and gathers its pictures. Used on one thread.
class JobFollower {
 public:
  // DATA_LOSS when an image's chunks do not fit together.
  absl::Status Handle(const darkroom::v1::JobEvent& event);

  // A policy that shows here when a lost connection is taken up again.
  ResumePolicy Resuming();
  // Removes the bar from the terminal.
  void Clear() { view_.Clear(); }

  // The job as it ended; empty before its last event.
  const darkroom::v1::Job& job() const { return job_; }
  // DATA_LOSS when the job succeeded but not all of its pictures have come.
  absl::Status CheckComplete() const;
  // Writes the pictures that came, in order, and returns their paths.
  absl::StatusOr<std::vector<std::string>> Save(const PictureWriter& writer) const;

 private:
  Progress progress_;
  ProgressView view_;
  ChunkAssembler assembler_;
  // By index; a worker that takes over from a lost one may send an image again.
  std::map<int, Picture> pictures_;
  darkroom::v1::Job job_;
};

}  // namespace darkroom::cli

#endif  // DARKROOM_CLI_JOB_FOLLOWER_H_
