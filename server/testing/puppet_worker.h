#ifndef DARKROOM_SERVER_TESTING_PUPPET_WORKER_H_
#define DARKROOM_SERVER_TESTING_PUPPET_WORKER_H_

#include <optional>
#include <string>
#include <utility>

#include "darkroom/internal/v1/job_record.pb.h"
#include "scheduler/testing/in_memory_scheduler.h"
#include "server/testing/demo_model.h"

namespace darkroom::server {

// A worker that a test moves by explicit calls, on the in-memory scheduler.
class PuppetWorker {
 public:
  explicit PuppetWorker(scheduler::InMemoryScheduler& scheduler) : scheduler_(scheduler) {}

  void Announce(const darkroom::v1::Model& model = DemoModel()) {
    scheduler_.Announce("puppet", {{"demo", model.SerializeAsString(), 0}}, Ignore());
  }

  // Leases the next job; false when none waits.
  bool Lease() {
    lease_.reset();
    scheduler_.Acquire({"puppet", {"demo"}, 1}, [this](auto leased) {
      if (leased.ok() && !leased->empty()) lease_ = leased->front();
    });
    return lease_.has_value();
  }

  const scheduler::LeasedJob& lease() const { return *lease_; }
  scheduler::LeaseKey key() const { return {lease_->id, lease_->fence}; }

  void Progress(int step, int steps = 20) {
    scheduler_.Append(key(), scheduler::ProgressEvent{step, steps, absl::Seconds(1)}, Ignore());
  }
  void Preview(int step, std::string jpeg, int image = 0) {
    scheduler_.PutPreview(key(), image, std::move(jpeg), Ignore());
    scheduler_.Append(key(), scheduler::PreviewEvent{image, step}, Ignore());
  }
  void Image(int image, std::string png) {
    scheduler_.Put(key(), image, std::move(png), Ignore());
    scheduler_.Append(key(), scheduler::ImageEvent{image, lease_->fence}, Ignore());
  }
  void Succeed(int images = 1) {
    darkroom::internal::v1::JobResult result;
    result.set_version(1);
    for (int i = 0; i < images; ++i) result.add_images()->set_index(i);
    Finish(scheduler::Succeeded{result.SerializeAsString(), absl::Seconds(1)});
  }
  void Finish(scheduler::JobOutcome outcome) {
    scheduler_.Finish(key(), std::move(outcome), Ignore());
  }
  bool CancelRequested() {
    bool requested = false;
    scheduler_.Renew({key()}, [&requested](auto statuses) {
      requested = statuses.ok() && statuses->front() == scheduler::LeaseStatus::kCancelRequested;
    });
    return requested;
  }

 private:
  static Done Ignore() {
    return [](const absl::Status&) {};
  }

  scheduler::InMemoryScheduler& scheduler_;
  std::optional<scheduler::LeasedJob> lease_;
};

}  // namespace darkroom::server

#endif  // DARKROOM_SERVER_TESTING_PUPPET_WORKER_H_
