#include "server/core/wait_promises.h"

#include <algorithm>
#include <utility>

#include "server/admission/cost_model.h"

namespace darkroom::server {

using scheduler::ErrorHistogram;
using scheduler::JobId;
using scheduler::JobSnapshot;
using scheduler::JobState;

WaitPromises::WaitPromises(Loop& loop, scheduler::PromiseMeter& meter,
                           std::shared_ptr<const ModelCatalogue> catalogue,
                           std::shared_ptr<const FleetWatch> workers)
    : loop_(loop), meter_(meter), catalogue_(std::move(catalogue)), workers_(std::move(workers)) {}

void WaitPromises::Start() {
  loop_.PostAfter(kFlush, [weak = weak_from_this()] {
    if (auto self = weak.lock()) self->FlushRepeatedly();
  });
}

std::optional<absl::Duration> WaitPromises::Foretell(const JobSnapshot& job) const {
  const darkroom::v1::Model* model = catalogue_->Find(job.model);
  if (model == nullptr || job.state != JobState::kQueued) return std::nullopt;
  const std::optional<absl::Duration> behind = PredictWait(*model, job.cost_ahead, job.throughput);
  if (!behind.has_value()) return std::nullopt;
  return *behind + workers_->UntilRoom();
}

std::optional<absl::Duration> WaitPromises::Promise(const JobSnapshot& job) {
  if (job.started != absl::InfiniteFuture()) {
    NoteTaken(job.id, job.started);
  } else if (scheduler::IsTerminal(job.state)) {
    Drop(job.id);
  }
  const std::optional<absl::Duration> wait = Foretell(job);
  // No promise is about a worker that is lost, so that the job waits again, or about a job that was
  // only foreseen.
  const bool counts = job.started == absl::InfiniteFuture() && !job.id.empty();
  if (wait.has_value() && counts) Keep(job, *wait);
  return wait;
}

void WaitPromises::Keep(const JobSnapshot& job, absl::Duration wait) {
  const absl::Time now = loop_.clock().Now();
  const auto [known, is_first] = promised_.try_emplace(job.id);
  Promised& promised = known->second;
  if (!is_first) {
    promised.newest = now - promised.first_time + wait;
    return;
  }
  promised = {.tier = job.tier,
              .first_time = now,
              .first = wait,
              .newest = wait,
              .place = order_.insert(order_.end(), job.id)};
  if (promised_.size() > kMostJobs) Drop(JobId(order_.front()));
}

void WaitPromises::NoteTaken(const JobId& job, absl::Time time) {
  const auto found = promised_.find(job);
  if (found == promised_.end()) return;
  const Promised& promised = found->second;
  const absl::Duration real = time - promised.first_time;
  if (real >= kShortest) {
    scheduler::TierErrors& errors = uncounted_[promised.tier];
    errors.first.Add(ErrorHistogram::BucketOf(promised.first, real));
    errors.newest.Add(ErrorHistogram::BucketOf(promised.newest, real));
  }
  Drop(job);
}

void WaitPromises::Drop(const JobId& job) {
  const auto found = promised_.find(job);
  if (found == promised_.end()) return;
  order_.erase(found->second.place);
  promised_.erase(found);
}

// What cannot be counted is lost: it is a statistic.
void WaitPromises::FlushRepeatedly() {
  for (auto& [tier, errors] : std::exchange(uncounted_, {})) {
    meter_.CountPromises(tier, errors, [](const absl::Status&) {});
  }
  Start();
}

}  // namespace darkroom::server
