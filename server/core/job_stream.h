#ifndef DARKROOM_SERVER_CORE_JOB_STREAM_H_
#define DARKROOM_SERVER_CORE_JOB_STREAM_H_

#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "scheduler/core/job.h"
#include "server/core/event_sink.h"
#include "server/core/generation_core.h"
#include "server/core/job_watch.h"

namespace darkroom::server {

// One server stream, from its request to its end: GenerateImage or WatchJob. Loop thread only; it
// is destroyed there too. The sink outlives its calls: they end with Close or Abort, or with
// OnGone.
class JobStream : public std::enable_shared_from_this<JobStream> {
 public:
  JobStream(std::shared_ptr<GenerationCore> core, EventSink& sink)
      : core_(std::move(core)), sink_(sink) {}

  // Call one of these, once.
  void Generate(NewJob job, bool cancel_on_disconnect);
  void Watch(const std::string& tenant, const std::string& name, std::int64_t after_sequence);

  // The sink has sent its event.
  void OnSent();
  // The reader has gone: the call was cancelled, its deadline passed, or the connection was lost.
  void OnGone();
  // The gateway stops: the reader is sent elsewhere.
  void Drain();

  bool closed() const { return gone_ || failed_ || (watch_ != nullptr && watch_->closed()); }

 private:
  void OnJob(absl::StatusOr<scheduler::JobSnapshot> job, std::int64_t after_sequence);
  void CancelJob();

  const std::shared_ptr<GenerationCore> core_;
  EventSink& sink_;
  std::shared_ptr<JobWatch> watch_;  // null until the job is known
  std::string tenant_;
  scheduler::JobId id_;
  std::string trace_id_;  // of the job; empty: none
  bool cancel_on_disconnect_ = false;
  bool draining_ = false;
  bool failed_ = false;
  bool gone_ = false;
};

}  // namespace darkroom::server

#endif  // DARKROOM_SERVER_CORE_JOB_STREAM_H_
