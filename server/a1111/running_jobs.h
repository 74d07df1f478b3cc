#ifndef DARKROOM_SERVER_A1111_RUNNING_JOBS_H_
#define DARKROOM_SERVER_A1111_RUNNING_JOBS_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "darkroom/v1/job.pb.h"

namespace darkroom::server::a1111 {

// A job whose client waits for its pictures at this gateway.
struct RunningJob {
  std::string owner;        // see OwnerOf
  std::string task;         // force_task_id; may be empty
  absl::Time start;         // when it was asked for
  std::string name;         // "jobs/..."; empty until it is accepted
  std::string preview;      // the newest, a JPEG; empty: none yet
  std::int64_t place = -1;  // in the queue; -1: a worker has it
  int step = 0;
  int steps = 0;
  absl::Duration left = absl::ZeroDuration();
  bool interrupted = false;

  // Keeps what an event of the job tells.
  void Note(const darkroom::v1::JobEvent& event);
};

// Whose jobs progress tells of and interrupt ends. Loop thread only.
class RunningJobs {
 public:
  // It is among them as long as the caller holds it.
  std::shared_ptr<RunningJob> Add(std::string owner, std::string task, absl::Time now);
  // The newest of the owner's, or with a task the newest of this task; null: none.
  std::shared_ptr<RunningJob> Find(absl::string_view owner, absl::string_view task = "");

 private:
  std::vector<std::weak_ptr<RunningJob>> jobs_;  // the newest last
};

// {"progress": 0.25, "eta_relative": 2.5, "state": {...}, "current_image": ..., "textinfo": ...} as
// AUTOMATIC1111 has it; without a job everything is 0. `with_image`: tell the preview. Pure.
std::string ProgressJson(const RunningJob* job, bool with_image);

}  // namespace darkroom::server::a1111

#endif  // DARKROOM_SERVER_A1111_RUNNING_JOBS_H_
