#include "worker/engine/lease.h"

#include <algorithm>
#include <utility>

namespace darkroom::worker {
namespace {

// What is left, at each step, of the memory of a slower one.
constexpr double kForgetting = 0.95;

}  // namespace

Lease::Lease(scheduler::LeaseKey key, absl::Time now, absl::Duration stall, JobLabels labels)
    : key_(std::move(key)), stall_(stall), labels_(std::move(labels)), advanced_(now) {}

void Lease::NoteAdvance(absl::Time now) {
  MutexLock lock(&mutex_);
  if (stepped_) slowest_ = std::max(slowest_ * kForgetting, now - advanced_);
  stepped_ = true;
  advanced_ = now;
}

void Lease::NoteWaiting(absl::Time now) {
  MutexLock lock(&mutex_);
  advanced_ = now;
}

void Lease::NoteComputed() {
  MutexLock lock(&mutex_);
  computed_ = true;
}

bool Lease::stalled(absl::Time now) const {
  MutexLock lock(&mutex_);
  if (computed_) return false;
  const absl::Duration limit =
      stepped_ ? std::max(stall_, slowest_ * kStallSteps) : stall_ * kFirstStall;
  return now - advanced_ > limit;
}

void Lease::RequestCancel() {
  MutexLock lock(&mutex_);
  cancel_requested_ = true;
}

bool Lease::cancel_requested() const {
  MutexLock lock(&mutex_);
  return cancel_requested_;
}

void Lease::MarkLost() {
  MutexLock lock(&mutex_);
  lost_ = true;
}

bool Lease::lost() const {
  MutexLock lock(&mutex_);
  return lost_;
}

void Lease::Close() {
  MutexLock lock(&mutex_);
  closed_ = true;
}

bool Lease::open() const {
  MutexLock lock(&mutex_);
  return !lost_ && !closed_;
}

}  // namespace darkroom::worker
