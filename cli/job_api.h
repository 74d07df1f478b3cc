#ifndef DARKROOM_CLI_JOB_API_H_
#define DARKROOM_CLI_JOB_API_H_

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "darkroom/v1/generation_service.pb.h"
#include "darkroom/v1/job.pb.h"

namespace darkroom::cli {

namespace v1 = darkroom::v1;

// One open event stream. Read and Finish belong to one thread; Cancel may come from any.
class EventReader {
 public:
  virtual ~EventReader() = default;
  // Blocks for the next event; false when the stream has ended.
  virtual bool Read(v1::JobEvent& event) = 0;
  // Of the trace that the server goes on with, once an event has been read; empty: it names none.
  virtual std::string trace_id() const = 0;
  // Why it ended; called once, after Read returned false or Cancel was called.
  virtual absl::Status Finish() = 0;
  virtual void Cancel() = 0;
};

// darkroom.v1.GenerationService as the commands use it. Errors are the server's, with the
// google.rpc.Status in the payload (cli/rpc_status.h). Thread-safe.
class JobApi {
 public:
  virtual ~JobApi() = default;
  // `deadline` may be absl::InfiniteFuture().
  virtual std::unique_ptr<EventReader> Generate(const v1::GenerateImageRequest& request,
                                                absl::Time deadline) = 0;
  virtual std::unique_ptr<EventReader> Watch(const v1::WatchJobRequest& request,
                                             absl::Time deadline) = 0;
  virtual absl::StatusOr<v1::Job> Create(const v1::CreateJobRequest& request) = 0;
  virtual absl::StatusOr<v1::Job> Get(absl::string_view name) = 0;
  virtual absl::StatusOr<v1::ListJobsResponse> List(const v1::ListJobsRequest& request) = 0;
  virtual absl::StatusOr<v1::Job> Cancel(absl::string_view name) = 0;
};

// "jobs/<id>" from that or from the id alone.
std::string JobName(absl::string_view name_or_id);

}  // namespace darkroom::cli

#endif  // DARKROOM_CLI_JOB_API_H_
