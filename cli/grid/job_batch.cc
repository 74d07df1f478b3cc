#include "cli/grid/job_batch.h"

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"
#include "cli/job_text.h"
#include "cli/progress_bar.h"
#include "cli/rpc_status.h"
#include "common/mutex.h"
#include "common/status_macros.h"

namespace darkroom::cli {
namespace {

absl::Status WhyNoPicture(const v1::Job& job) {
  if (job.state() == v1::JOB_STATE_SUCCEEDED)
    return absl::DataLossError("its picture did not come");
  if (job.has_error()) return FromRpcStatus(job.error());
  return absl::AbortedError(absl::StrCat("the job is ", StateText(job.state())));
}

// The answer was lost, not the request.
bool MayHaveMadeAJob(const absl::Status& status) {
  return absl::IsUnavailable(status) || absl::IsDeadlineExceeded(status) ||
         absl::IsCancelled(status);
}

}  // namespace

// Follows jobs on threads of its own, in the order in which they are added.
class JobBatch::Watchers {
 public:
  Watchers(JobApi& api, const BatchPolicy& policy, std::size_t jobs, const OnProgress& on_progress)
      : api_(api),
        resume_(policy.resume),
        on_progress_(on_progress),
        results_(jobs),
        fractions_(jobs) {
    resume_.on_retry = [this](const absl::Status& why, absl::Duration) {
      if (absl::IsUnavailable(why)) SetReconnecting();
    };
    progress_.jobs = static_cast<int>(jobs);
    const int threads = std::min(policy.watchers, progress_.jobs);
    for (int i = 0; i < threads; ++i) threads_.emplace_back([this] { WatchJobs(); });
  }
  ~Watchers() { Stop(); }

  void Add(v1::Job job) {
    MutexLock lock(&mutex_);
    results_[added_++].job = std::move(job);
    progress_.submitted = static_cast<int>(added_);
    progress_.reconnecting = false;
    if (added_ == results_.size()) progress_.waiting_for_room = false;
    on_progress_(progress_);
  }
  // Until all are added: where one finds room, the next will not.
  void SetWaitingForRoom() {
    MutexLock lock(&mutex_);
    if (std::exchange(progress_.waiting_for_room, true)) return;
    on_progress_(progress_);
  }
  // Until something arrives.
  void SetReconnecting() {
    MutexLock lock(&mutex_);
    if (std::exchange(progress_.reconnecting, true)) return;
    on_progress_(progress_);
  }
  bool AnyUnfinished() {
    MutexLock lock(&mutex_);
    return progress_.ended < static_cast<int>(added_);
  }
  // Blocks until the jobs that were added have ended; no more may be added.
  void Join() {
    {
      MutexLock lock(&mutex_);
      complete_ = true;
    }
    threads_.clear();
  }
  // Breaks the streams off; the jobs go on. May come from any thread.
  void BreakOff() { stop_.request_stop(); }
  void Stop() {
    BreakOff();
    Join();
  }
  // After Join or Stop.
  std::vector<BatchResult>& results() ABSL_NO_THREAD_SAFETY_ANALYSIS { return results_; }

 private:
  void WatchJobs() {
    while (true) {
      std::size_t index = 0;
      std::string name;
      {
        MutexLock lock(&mutex_);
        mutex_.Await([this]()
                         ABSL_NO_THREAD_SAFETY_ANALYSIS { return complete_ || begun_ < added_; });
        if (begun_ == added_ || stop_.stop_requested()) return;
        index = begun_++;
        name = results_[index].job.name();
      }
      Watch(index, name);
    }
  }

  void Watch(std::size_t index, const std::string& name) {
    ChunkAssembler assembler;
    Progress progress;
    BatchResult result;
    JobStream stream(api_, resume_, stop_.get_token());
    v1::WatchJobRequest request;
    request.set_name(name);
    result.status = stream.Watch(request, [&](const v1::JobEvent& event) -> absl::Status {
      if (event.has_image_chunk()) {
        DARKROOM_ASSIGN_OR_RETURN(std::optional<Picture> picture,
                                  assembler.Add(event.image_chunk()));
        if (picture.has_value() && picture->image.index() == 0) result.picture = *picture;
      }
      if (event.has_finished()) result.job = event.finished().job();
      progress.Update(event);
      Report(index, progress.fraction());
      return absl::OkStatus();
    });
    if (result.status.ok() && result.picture.bytes.empty())
      result.status = WhyNoPicture(result.job);
    if (!result.status.ok()) result.picture = Picture();
    Finish(index, std::move(result));
  }

  void Report(std::size_t index, double fraction) {
    MutexLock lock(&mutex_);
    SetFraction(index, fraction);
    progress_.reconnecting = false;
    on_progress_(progress_);
  }

  void Finish(std::size_t index, BatchResult result) {
    MutexLock lock(&mutex_);
    if (result.job.name().empty()) result.job = results_[index].job;
    results_[index] = std::move(result);
    ++progress_.ended;
    SetFraction(index, 1);
    on_progress_(progress_);
  }

  void SetFraction(std::size_t index, double fraction) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    progress_.fraction += (fraction - fractions_[index]) / static_cast<double>(fractions_.size());
    fractions_[index] = fraction;
  }

  JobApi& api_;
  ResumePolicy resume_;  // not changed once there are threads
  const OnProgress& on_progress_;
  std::stop_source stop_;
  Mutex mutex_;
  std::vector<BatchResult> results_ ABSL_GUARDED_BY(mutex_);
  std::vector<double> fractions_ ABSL_GUARDED_BY(mutex_);
  BatchProgress progress_ ABSL_GUARDED_BY(mutex_);
  std::size_t added_ ABSL_GUARDED_BY(mutex_) = 0;
  std::size_t begun_ ABSL_GUARDED_BY(mutex_) = 0;  // of those added
  bool complete_ ABSL_GUARDED_BY(mutex_) = false;
  std::vector<std::jthread> threads_;  // last: they use the others
};

JobBatch::JobBatch(JobApi& api, BatchPolicy policy, std::stop_token stop, OnProgress on_progress)
    : api_(api),
      policy_(std::move(policy)),
      stop_(std::move(stop)),
      on_progress_(std::move(on_progress)) {}

absl::StatusOr<std::vector<BatchResult>> JobBatch::Run(
    const std::vector<v1::CreateJobRequest>& requests) {
  Watchers watchers(api_, policy_, requests.size(), on_progress_);
  absl::Status status;
  {
    const std::stop_callback interrupt(stop_, [&watchers] { watchers.BreakOff(); });
    status = SubmitAll(requests, watchers);
    if (status.ok()) {
      watchers.Join();
    } else {
      watchers.Stop();
    }
  }
  if (stop_.stop_requested()) status = absl::CancelledError("interrupted");
  if (status.ok()) return std::move(watchers.results());
  CancelAll(requests, watchers.results());
  return status;
}

absl::Status JobBatch::SubmitAll(const std::vector<v1::CreateJobRequest>& requests,
                                 Watchers& watchers) {
  for (std::size_t i = 0; i < requests.size(); ++i) {
    absl::StatusOr<v1::Job> job = Submit(requests[i], watchers);
    if (!job.ok()) {
      refused_ = i;
      return job.status();
    }
    watchers.Add(*std::move(job));
  }
  return absl::OkStatus();
}

// A full server is waited for as long as it says when to come again, or while jobs of this batch
// are what fills it.
absl::StatusOr<v1::Job> JobBatch::Submit(const v1::CreateJobRequest& request, Watchers& watchers) {
  for (int unreachable = 0;;) {
    if (stop_.stop_requested()) return absl::CancelledError("interrupted");
    absl::StatusOr<v1::Job> job = api_.Create(request);
    doubtful_ = !job.ok() && MayHaveMadeAJob(job.status());
    if (job.ok()) return job;
    const std::optional<absl::Duration> asked = RetryDelay(job.status());
    absl::Duration delay = policy_.submit_delay;
    if (absl::IsResourceExhausted(job.status())) {
      if (!asked.has_value() && !watchers.AnyUnfinished()) return job;
      watchers.SetWaitingForRoom();
      delay = policy_.room_delay;
    } else if (!doubtful_ || ++unreachable >= policy_.submit_attempts) {
      return job;
    } else {
      watchers.SetReconnecting();
    }
    // At once is not what a server means that asks for no time at all.
    delay = std::max(asked.value_or(delay), policy_.submit_delay);
    if (!Sleep(delay)) return absl::CancelledError("interrupted");
  }
}

void JobBatch::CancelAll(const std::vector<v1::CreateJobRequest>& requests,
                         const std::vector<BatchResult>& results) {
  std::vector<v1::Job> jobs;
  for (const BatchResult& result : results) jobs.push_back(result.job);
  if (doubtful_) {  // sent again, the same request tells which job it has become
    const absl::StatusOr<v1::Job> again = api_.Create(requests[refused_]);
    if (again.ok()) jobs.push_back(*again);
  }
  for (const v1::Job& job : jobs) {
    if (job.name().empty() || IsTerminal(job.state())) continue;
    const absl::StatusOr<v1::Job> ended = api_.Cancel(job.name());
    if (!ended.ok()) continue;
    if (!IsTerminal(ended->state()) || ended->state() == v1::JOB_STATE_CANCELLED) ++cancelled_;
  }
}

bool JobBatch::Sleep(absl::Duration duration) const {
  std::mutex mutex;
  std::condition_variable_any woken;
  std::unique_lock lock(mutex);
  woken.wait_for(lock, stop_, absl::ToChronoMilliseconds(duration), [] { return false; });
  return !stop_.stop_requested();
}

}  // namespace darkroom::cli
