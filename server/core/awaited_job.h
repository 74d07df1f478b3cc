#ifndef DARKROOM_SERVER_CORE_AWAITED_JOB_H_
#define DARKROOM_SERVER_CORE_AWAITED_JOB_H_

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "common/await.h"
#include "darkroom/v1/job.pb.h"
#include "server/core/event_sink.h"
#include "server/core/generation_core.h"
#include "server/core/job_stream.h"
#include "server/core/loop.h"
#include "server/core/open_streams.h"

namespace darkroom::server {

// A picture as it was stored: a PNG with its infotext in it.
struct AwaitedPicture {
  darkroom::v1::Image image;  // without its infotext where the job did not succeed
  std::string bytes;
};

// A job that has ended, however, and the pictures that were made by then, by index.
struct EndedJob {
  darkroom::v1::Job job;
  std::vector<AwaitedPicture> pictures;

  // OK of a job that succeeded; else why there are not all of its pictures, as an ApiError:
  // CANCELLED, DEADLINE_EXCEEDED, what it failed of, or IMAGE_NOT_FOUND, when they are no longer
  // kept.
  absl::Status Outcome() const;
};

// A job whose client waits in one call until it has ended: submitted, watched, its pictures read.
// No thread is held. When the gateway stops, `done` has an UNAVAILABLE ApiError, DRAINING, and the
// job goes on: the same request_id finds it at another gateway.
//
// Loop thread only. It owns itself until `done` or Abandon.
class AwaitedJob : public EventSink, public std::enable_shared_from_this<AwaitedJob> {
 public:
  struct Handlers {
    // Every event but the parts of pictures; may be null.
    std::function<void(const darkroom::v1::JobEvent&)> event = {};
    // Once, later than Start. Errors are ApiErrors: the job was refused, or the store is away.
    Callback<EndedJob> done;
  };

  // The loop and `streams` outlive it.
  static std::shared_ptr<AwaitedJob> Start(Loop& loop, std::shared_ptr<GenerationCore> core,
                                           OpenStreams& streams, NewJob job, Handlers handlers);

  AwaitedJob(Loop& loop, Handlers handlers) : loop_(loop), handlers_(std::move(handlers)) {}

  // The client has gone: cancels the job. No handler runs any more. Nothing once it has ended.
  void Abandon();

  void Send(const darkroom::v1::JobEvent& event) override;
  void Close(const absl::Status& status) override;
  void Abort(const absl::Status& status) override { Close(status); }

 private:
  void Keep(const darkroom::v1::ImageChunk& chunk);
  void End(absl::StatusOr<EndedJob> ended);

  Loop& loop_;
  Handlers handlers_;
  std::shared_ptr<AwaitedJob> self_;  // null once it has ended
  std::shared_ptr<JobStream> stream_;
  darkroom::v1::Job finished_;
  std::map<int, AwaitedPicture> pictures_;
};

}  // namespace darkroom::server

#endif  // DARKROOM_SERVER_CORE_AWAITED_JOB_H_
