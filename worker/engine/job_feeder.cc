#include "worker/engine/job_feeder.h"

#include <algorithm>
#include <utility>

#include "common/ids.h"
#include "common/log.h"

namespace darkroom::worker {
namespace {

constexpr absl::Duration kShortestPoll = absl::Milliseconds(250);
constexpr absl::Duration kLongestPoll = absl::Seconds(1);
constexpr int kMostJobs = 100;  // of one request

}  // namespace

JobFeeder::JobFeeder(Asker asker, Models models, scheduler::LeaseStore& leases,
                     scheduler::EventBus& events, LeaseKeeper& keeper, StepEngine& engine,
                     Publisher& publisher, const Clock& clock)
    : asker_(std::move(asker)),
      models_(std::move(models)),
      leases_(leases),
      keeper_(keeper),
      engine_(engine),
      publisher_(publisher),
      clock_(clock),
      hints_(events.Subscribe(scheduler::WorkTopic{},
                              [mailbox = mailbox_] { mailbox->Post(Nudged{}); })) {}

void JobFeeder::Run() {
  while (!mailbox_->closed()) mailbox_->Wait(Pump());
}

absl::Duration JobFeeder::Pump() {
  while (true) {
    for (Message& message : mailbox_->Take()) {
      std::visit([this](auto& kind) { Handle(std::move(kind)); }, message);
    }
    if (!in_flight_ && clock_.Now() >= give_up_) token_.clear();
    drained_ = draining_ && token_.empty();
    if (drained_ || in_flight_) return absl::InfiniteDuration();
    if (paused_ && token_.empty()) return absl::InfiniteDuration();
    stalled_ = LookForStalled();
    if (stalled_ && token_.empty()) return kLongestPoll;
    const int free_rows = engine_.free_rows();
    if (free_rows <= 0) return absl::InfiniteDuration();  // until rows are freed
    const absl::Duration wait = due_ - clock_.Now();
    if (wait > absl::ZeroDuration()) return wait;
    Acquire(free_rows);
  }
}

void JobFeeder::Acquire(int free_rows) {
  in_flight_ = true;
  PollLater();
  if (token_.empty()) token_ = RandomId();
  const int limit = std::clamp(free_rows / std::max(1, models_.max_images), 1, kMostJobs);
  leases_.Acquire(RequestFor(limit),
                  [mailbox = mailbox_](Answer answer) { mailbox->Post(std::move(answer)); });
}

scheduler::LeaseRequest JobFeeder::RequestFor(int limit) const {
  scheduler::LeaseRequest request = {.worker = asker_.worker,
                                     .limit = limit,
                                     .affinity_slack = asker_.slack.affinity,
                                     .fill_slack = asker_.slack.fill,
                                     .token = token_};
  if (leases_nothing_new()) return request;  // without a model nothing new is leased
  request.models = models_.ids;
  request.resident = static_cast<int>(request.models.size());
  if (asker_.resident == nullptr) return request;
  const std::vector<std::string> resident = asker_.resident();
  const auto others = std::stable_partition(
      request.models.begin(), request.models.end(), [&resident](const std::string& id) {
        return std::find(resident.begin(), resident.end(), id) != resident.end();
      });
  request.resident = static_cast<int>(others - request.models.begin());
  return request;
}

bool JobFeeder::LookForStalled() {
  const absl::Time now = clock_.Now();
  const auto is_stalled = [now](const std::shared_ptr<Lease>& lease) {
    return lease->open() && lease->stalled(now);
  };
  MutexLock lock(&mutex_);
  const auto first = std::find_if(taken_.begin(), taken_.end(), is_stalled);
  const bool stalled = first != taken_.end();
  if (stalled && !stalled_) {
    log::Error("a job stands still, nothing is leased",
               {{"job", (*first)->key().id}, {"trace_id", (*first)->labels().trace.trace_id}});
  } else if (!stalled && stalled_) {
    log::Info("no job stands still any more, jobs are leased again");
  }
  return stalled;
}

void JobFeeder::PollLater() {
  const double seconds = absl::Uniform(random_, absl::ToDoubleSeconds(kShortestPoll),
                                       absl::ToDoubleSeconds(kLongestPoll));
  due_ = clock_.Now() + absl::Seconds(seconds);
}

void JobFeeder::Handle(Models models) {
  models_ = std::move(models);
  due_ = absl::InfinitePast();
}

void JobFeeder::Handle(Drained) {
  draining_ = true;
  give_up_ = clock_.Now() + kDrainPatience;
}

void JobFeeder::Handle(Paused wish) {
  paused_ = wish.paused;
  due_ = absl::InfinitePast();
}

std::vector<scheduler::JobId> JobFeeder::running() const {
  MutexLock lock(&mutex_);
  std::erase_if(taken_, [](const std::shared_ptr<Lease>& lease) { return !lease->open(); });
  std::vector<scheduler::JobId> ids;
  for (const std::shared_ptr<Lease>& lease : taken_) ids.push_back(lease->key().id);
  return ids;
}

void JobFeeder::Handle(Answer answer) {
  in_flight_ = false;
  if (!answer.ok()) {
    log::Warning("jobs could not be leased", {{"error", answer.status().ToString()}});
    PollLater();
    return;
  }
  token_.clear();
  for (const scheduler::LeasedJob& job : *answer) Take(job);
  // Where there was one there may be more.
  if (!answer->empty()) due_ = absl::InfinitePast();
}

void JobFeeder::Take(const scheduler::LeasedJob& job) {
  const absl::Time now = clock_.Now();
  auto lease =
      std::make_shared<Lease>(scheduler::LeaseKey{job.id, job.fence}, now, asker_.stall,
                              JobLabels{.tier = job.tier,
                                        .model = job.model,
                                        .submitted = now - job.waited,
                                        .id = job.id,
                                        .fence = job.fence,
                                        .trace = trace::ParseTraceparent(job.traceparent)});
  if (job.fence == 1) asker_.observer->NoteFirstLease(lease->labels(), job.waited);
  keeper_.Hold(lease);
  if (draining_) {
    publisher_.Release(std::move(lease));
    return;
  }
  {
    MutexLock lock(&mutex_);
    std::erase_if(taken_, [](const std::shared_ptr<Lease>& held) { return !held->open(); });
    taken_.push_back(lease);
  }
  log::Info("job leased", {{"job", job.id},
                           {"trace_id", lease->labels().trace.trace_id},
                           {"fence", job.fence},
                           {"attempt", job.attempt}});
  engine_.Admit(job, std::move(lease));
}

}  // namespace darkroom::worker
