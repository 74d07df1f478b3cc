#include "worker/engine/step_meter.h"

#include <set>

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

template <typename Tables>
std::vector<CostTable::Cost> CostsOf(const Tables& tables, absl::string_view model) {
  const auto table = tables.find(std::string(model));
  return table == tables.end() ? std::vector<CostTable::Cost>() : table->second.Costs();
}

}  // namespace

void StepMeter::RecordStep(absl::string_view model, const CostTable::Shape& shape, int rows,
                           double default_images, absl::Duration elapsed) {
  MutexLock lock(&mutex_);
  Record(steps_, model, default_images, elapsed);
  step_costs_[std::string(model)].Record(shape, rows, elapsed);
}

void StepMeter::RecordDecode(absl::string_view model, const CostTable::Shape& shape,
                             double default_images, absl::Duration elapsed) {
  MutexLock lock(&mutex_);
  Record(decodes_, model, default_images, elapsed);
  decode_costs_[std::string(model)].Record(shape, 1, elapsed);
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

std::vector<std::string> StepMeter::models() const {
  MutexLock lock(&mutex_);
  std::set<std::string> models;
  for (const Tables* tables : {&step_costs_, &decode_costs_}) {
    for (const auto& [model, table] : *tables) models.insert(model);
  }
  return {models.begin(), models.end()};
}

std::vector<CostTable::Cost> StepMeter::step_costs(absl::string_view model) const {
  MutexLock lock(&mutex_);
  return CostsOf(step_costs_, model);
}

std::vector<CostTable::Cost> StepMeter::decode_costs(absl::string_view model) const {
  MutexLock lock(&mutex_);
  return CostsOf(decode_costs_, model);
}

absl::Duration StepMeter::upscale() const {
  MutexLock lock(&mutex_);
  return Find(upscales_, kDevice);
}

}  // namespace darkroom::worker
