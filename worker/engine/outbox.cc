#include "worker/engine/outbox.h"

#include <algorithm>
#include <utility>

namespace darkroom::worker {
namespace {

using scheduler::JobOutcome;
using scheduler::ProgressEvent;

constexpr absl::Duration kShortestPause = absl::Milliseconds(100);
constexpr absl::Duration kLongestPause = absl::Seconds(2);

bool IsLastStep(const Parcel& parcel) {
  const auto* progress = std::get_if<ProgressEvent>(&parcel);
  return progress != nullptr && progress->step == progress->steps;
}

bool IsStep(const Parcel& parcel) { return std::holds_alternative<StepParcel>(parcel); }

// A preview, a saved step, or progress short of the last step.
bool IsPassing(const Parcel& parcel) {
  return std::holds_alternative<PreviewParcel>(parcel) || IsStep(parcel) ||
         (std::holds_alternative<ProgressEvent>(parcel) && !IsLastStep(parcel));
}

bool Replaces(const Parcel& newer, const Parcel& older) {
  if (newer.index() != older.index()) return false;
  if (const auto* preview = std::get_if<PreviewParcel>(&newer)) {
    return preview->event.image == std::get<PreviewParcel>(older).event.image;
  }
  return std::holds_alternative<ProgressEvent>(newer) || IsStep(newer);
}

}  // namespace

std::deque<Parcel>::iterator Outbox::FirstWaiting() {
  return parcels_.begin() + (sending_ ? 1 : 0);
}

void Outbox::Add(Parcel parcel) {
  if (std::holds_alternative<ReleaseParcel>(parcel)) {
    parcels_.erase(std::remove_if(FirstWaiting(), parcels_.end(),
                                  [](const Parcel& older) { return !IsStep(older); }),
                   parcels_.end());
  } else if (std::holds_alternative<JobOutcome>(parcel)) {
    parcels_.erase(std::remove_if(FirstWaiting(), parcels_.end(), IsPassing), parcels_.end());
  }
  const auto replaced =
      std::find_if(FirstWaiting(), parcels_.end(),
                   [&parcel](const Parcel& older) { return Replaces(parcel, older); });
  if (replaced == parcels_.end()) {
    parcels_.push_back(std::move(parcel));
  } else {
    *replaced = std::move(parcel);
  }
}

absl::Time Outbox::Due(const Parcel& parcel, bool steps) const {
  const auto behind_one = [&] {
    return std::holds_alternative<ReleaseParcel>(parcel) &&
           std::any_of(parcels_.begin(), parcels_.end(), IsStep);
  };
  if (!steps && (IsStep(parcel) || behind_one())) return absl::InfiniteFuture();
  const bool held_back = std::holds_alternative<ProgressEvent>(parcel) && !IsLastStep(parcel);
  return held_back ? std::max(not_before_, last_progress_ + kProgressInterval) : not_before_;
}

absl::Time Outbox::next_due(bool steps) const {
  absl::Time next = absl::InfiniteFuture();
  if (sending_) return next;
  for (const Parcel& parcel : parcels_) next = std::min(next, Due(parcel, steps));
  return next;
}

const Parcel* Outbox::Send(absl::Time now, bool steps) {
  if (sending_) return nullptr;
  const auto due = std::find_if(parcels_.begin(), parcels_.end(),
                                [&](const Parcel& parcel) { return Due(parcel, steps) <= now; });
  if (due == parcels_.end()) return nullptr;
  std::rotate(parcels_.begin(), due, due + 1);
  sending_ = true;
  return &parcels_.front();
}

bool Outbox::Sent(absl::Time now) {
  sending_ = false;
  pause_ = absl::ZeroDuration();
  failing_since_ = absl::InfiniteFuture();
  Parcel& parcel = parcels_.front();
  if (auto* image = std::get_if<ImageParcel>(&parcel); image != nullptr && !image->bytes_sent) {
    image->bytes_sent = true;
    image->png.clear();
    return false;
  }
  if (auto* preview = std::get_if<PreviewParcel>(&parcel);
      preview != nullptr && !preview->bytes_sent) {
    preview->bytes_sent = true;
    preview->jpeg.clear();
    return false;
  }
  if (std::holds_alternative<ProgressEvent>(parcel)) last_progress_ = now;
  parcels_.pop_front();
  return true;
}

void Outbox::Postpone(absl::Time now) {
  sending_ = false;
  pause_ = std::clamp(pause_ * 2, kShortestPause, kLongestPause);
  not_before_ = now + pause_;
  failing_since_ = std::min(failing_since_, now);
}

void Outbox::Drop() {
  sending_ = false;
  parcels_.pop_front();
}

}  // namespace darkroom::worker
