#include "scheduler/reaper/reaper.h"

#include <utility>

#include "absl/status/statusor.h"
#include "common/await.h"
#include "common/log.h"

namespace darkroom::scheduler {
namespace {

constexpr int kLimit = 100;  // the most that one call may do
constexpr absl::Duration kTimeout = absl::Seconds(5);

}  // namespace

Reaper::Reaper(LeaseStore* leases, absl::Duration interval, Note note)
    : leases_(leases),
      interval_(interval),
      note_(std::move(note)),
      random_(std::random_device()()) {
  thread_ = std::thread([this] { Run(); });
}

Reaper::~Reaper() {
  {
    MutexLock lock(&mutex_);
    stopping_ = true;
  }
  thread_.join();
}

void Reaper::Run() {
  // Jittered, so that several reapers do not fall into step.
  std::uniform_real_distribution<double> jitter(0.75, 1.25);
  MutexLock lock(&mutex_);
  while (!stopping_) {
    mutex_.Unlock();
    const bool more = ReapOnce();
    mutex_.Lock();
    if (!more)
      mutex_.AwaitWithTimeout([this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return stopping_; },
                              interval_ * jitter(random_));
  }
}

bool Reaper::ReapOnce() {
  const absl::StatusOr<ReapReport> report = Await<ReapReport>(
      kTimeout, [this](Callback<ReapReport> done) { leases_->Reap(kLimit, std::move(done)); });
  if (!report.ok()) {
    if (!failing_) log::Warning("cannot reap", {{"why", report.status().message()}});
    failing_ = true;
    return false;
  }
  failing_ = false;
  if (note_) note_(*report);
  if (report->requeued + report->dead + report->expired > 0) {
    log::Info(
        "reaped",
        {{"requeued", report->requeued}, {"dead", report->dead}, {"expired", report->expired}});
  }
  if (report->adopted > 0) {
    log::Info("took over queued jobs of an older version", {{"jobs", report->adopted}});
  }
  return report->more;
}

}  // namespace darkroom::scheduler
