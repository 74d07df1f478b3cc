#ifndef DARKROOM_SERVER_CORE_GENERATION_CORE_H_
#define DARKROOM_SERVER_CORE_GENERATION_CORE_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/await.h"
#include "common/trace/tracer.h"
#include "darkroom/v1/generation_service.pb.h"
#include "scheduler/core/job_queue.h"
#include "server/admission/request_check.h"
#include "server/admission/tiers.h"
#include "server/core/caller.h"
#include "server/core/core_context.h"
#include "server/core/input_finder.h"
#include "server/core/refusal_view.h"
#include "server/core/request_gate.h"

namespace darkroom::server {

// A request for a job, as it came.
struct NewJob {
  Caller caller;
  darkroom::v1::ImageParameters parameters;
  std::string request_id;
  absl::Time deadline = absl::InfiniteFuture();
  std::vector<FieldViolation> violations;  // found while it was parsed
  bool validate_only = false;              // to be foreseen, not queued
  trace::Span span = {};                   // of its admission; goes on in the job
};

// The generation service without its transport: admission, and jobs as the API shows them. Every
// error is an ApiError. Loop thread only; callbacks run there, once.
class GenerationCore : public std::enable_shared_from_this<GenerationCore> {
 public:
  struct Options {
    std::int64_t max_queued = 1000;
    Tiers tiers = StandardTierAlone();
    trace::Tracer tracer = {};  // of the admissions
  };

  // `gate` outlives the core.
  GenerationCore(const CoreContext& context, RequestGate& gate,
                 std::shared_ptr<RequestCheck> requests, Options options);

  // Checks a request and queues it, or finds the job of an earlier request with the same
  // request_id. With validate_only: what would come of that (JobQueue::Foresee).
  void Submit(NewJob job, Callback<scheduler::JobSnapshot> done);
  // A job of this tenant. `name` is its resource name.
  void Find(const std::string& tenant, absl::string_view name,
            Callback<scheduler::JobSnapshot> done);

  void CreateJob(NewJob job, Callback<darkroom::v1::Job> done);
  void GetJob(const std::string& tenant, const darkroom::v1::GetJobRequest& request,
              Callback<darkroom::v1::Job> done);
  void ListJobs(const std::string& tenant, const darkroom::v1::ListJobsRequest& request,
                Callback<darkroom::v1::ListJobsResponse> done);
  void CancelJob(const std::string& tenant, const darkroom::v1::CancelJobRequest& request,
                 Callback<darkroom::v1::Job> done);

  // From now on Submit is refused with UNAVAILABLE.
  void RefuseNewJobs() { refusing_ = true; }

  const CoreContext& context() const { return context_; }
  const trace::Tracer& tracer() const { return options_.tracer; }

 private:
  void FindInputs(NewJob job, Callback<scheduler::JobSnapshot> done);
  // `inputs` are the job's files, as far as they are good.
  void Check(NewJob job, InputFinder::Answer inputs, Callback<scheduler::JobSnapshot> done);
  void Admit(const NewJob& job, std::vector<InputPicture> files, Verdict verdict,
             Callback<scheduler::JobSnapshot> done);
  // Stores the files, and then queues the job.
  void Store(std::vector<InputPicture> files, scheduler::Submission submission,
             Callback<scheduler::JobSnapshot> done);
  absl::StatusOr<scheduler::Submission> Price(const NewJob& job, Verdict verdict) const;
  void Queue(scheduler::Submission submission, Callback<scheduler::JobSnapshot> done);
  void Foresee(scheduler::Submission submission, Callback<scheduler::JobSnapshot> done);
  // Explains why a submission was refused.
  Callback<scheduler::JobSnapshot> Explaining(const scheduler::Submission& submission,
                                              Callback<scheduler::JobSnapshot> done);
  void ExplainRefusal(const absl::Status& status, RefusedJob job,
                      Callback<scheduler::JobSnapshot> done);

  const CoreContext context_;
  RequestGate& gate_;
  const std::shared_ptr<RequestCheck> requests_;
  const std::shared_ptr<InputFinder> inputs_;
  const Options options_;
  bool refusing_ = false;
};

}  // namespace darkroom::server

#endif  // DARKROOM_SERVER_CORE_GENERATION_CORE_H_
