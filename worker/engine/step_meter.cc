#include "worker/engine/step_meter.h"

namespace darkroom::worker {
namespace {

constexpr double kNewest = 0.1;  // weight of the newest measurement

constexpr absl::string_view kDevice = "";
constexpr double kUpscaleUnit = 1e12;

template <typename Averages>
void Record(Averages& averages, absl::string_view model, double units, absl::Duration elapsed) {
  const absl::Duration one = elapsed / units;
  const auto [average, is_first] = averages.try_emplace(std::string(model), one);
  if (!is_first) average->second = average->second * (1 - kNewest) + one * kNewest;
}

template <typename Averages>
absl::Duration Find(const Averages& averages, absl::string_view model) {
  const auto average = averages.find(std::string(model));
  return average == averages.end() ? absl::ZeroDuration() : average->second;
}

}  // namespace

void StepMeter::RecordStep(absl::string_view model, double default_images, absl::Duration elapsed) {
  MutexLock lock(&mutex_);
  Record(steps_, model, default_images, elapsed);
}

void StepMeter::RecordDecode(absl::string_view model, double default_images,
                             absl::Duration elapsed) {
  MutexLock lock(&mutex_);
  Record(decodes_, model, default_images, elapsed);
}

void StepMeter::RecordUpscale(std::int64_t operations, absl::Duration elapsed) {
  MutexLock lock(&mutex_);
  Record(upscales_, kDevice, static_cast<double>(operations) / kUpscaleUnit, elapsed);
}

absl::Duration StepMeter::step(absl::string_view model) const {
  MutexLock lock(&mutex_);
  return Find(steps_, model);
}

absl::Duration StepMeter::decode(absl::string_view model) const {
  MutexLock lock(&mutex_);
  return Find(decodes_, model);
}

absl::Duration StepMeter::upscale() const {
  MutexLock lock(&mutex_);
  return Find(upscales_, kDevice);
}

}  // namespace darkroom::worker
