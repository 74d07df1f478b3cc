#ifndef DARKROOM_TESTS_INTEGRATION_RECORDING_H_
#define DARKROOM_TESTS_INTEGRATION_RECORDING_H_

#include <functional>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/time/time.h"
#include "cli/job_api.h"
#include "common/mutex.h"
#include "darkroom/v1/generation_service.pb.h"

namespace darkroom::testing {

namespace v1 = darkroom::v1;

// Follows a job on a thread of its own, through broken connections, and keeps all its events.
class Recording {
 public:
  // Creates the job.
  Recording(cli::JobApi& api, const v1::GenerateImageRequest& request);
  // Watches a job that exists.
  Recording(cli::JobApi& api, const std::string& job);
  // Breaks off what has not ended.
  ~Recording();

  // Blocks until an event of this kind has come; false after a generous time.
  bool Await(v1::JobEvent::KindCase kind);
  // The name of the job, after Await(kAccepted).
  std::string job();
  // Blocks until the job has ended or the recording failed.
  absl::Status Join();

  // After Join.
  const std::vector<v1::JobEvent>& events() const { return events_; }
  // The job as it ended.
  v1::Job end() const;
  // What is wrong with the order of the sequences; OK when they are gap-free from the first on.
  absl::Status CheckGapFree() const;
  // How often events of this kind came.
  int Count(v1::JobEvent::KindCase kind) const;
  // The encoded images, put together from their chunks.
  std::vector<std::string> Images() const;

 private:
  absl::Status Keep(const v1::JobEvent& event);
  void Finish(absl::Status status);

  std::stop_source stop_;
  mutable Mutex mutex_;
  std::vector<v1::JobEvent> arriving_ ABSL_GUARDED_BY(mutex_);
  bool done_ ABSL_GUARDED_BY(mutex_) = false;
  absl::Status status_ ABSL_GUARDED_BY(mutex_);
  std::vector<v1::JobEvent> events_;  // of the joined recording
  std::thread thread_;
};

// A request for one picture of the fake model.
v1::GenerateImageRequest PictureRequest(int steps);

}  // namespace darkroom::testing

#endif  // DARKROOM_TESTS_INTEGRATION_RECORDING_H_
