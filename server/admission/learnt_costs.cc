#include "server/admission/learnt_costs.h"

#include <cstdint>
#include <iterator>
#include <map>
#include <tuple>
#include <utility>

#include "google/protobuf/repeated_field.h"

namespace darkroom::server {
namespace {

using MeasuredCosts = google::protobuf::RepeatedPtrField<darkroom::v1::MeasuredCost>;
using Curve = std::map<double, double>;  // rows or pixels, above 0 → milliseconds

constexpr int kUsualRowsOfStep = 2;  // of Model.step_milliseconds

constexpr double kMostMilliseconds = 24 * 3600 * 1000;

// It is a worker's word.
bool MakesSense(const darkroom::v1::MeasuredCost& cost) {
  return cost.width() >= 1 && cost.height() >= 1 && cost.rows() >= 1 && cost.milliseconds() > 0 &&
         cost.milliseconds() < kMostMilliseconds;
}

// The curve is not empty.
double ValueAt(const Curve& curve, double x) {
  const auto above = curve.lower_bound(x);
  if (above == curve.end()) return curve.rbegin()->second * x / curve.rbegin()->first;
  if (above == curve.begin() || above->first == x) return above->second * x / above->first;
  const auto below = std::prev(above);
  const double share = (x - below->first) / (above->first - below->first);
  return below->second + (above->second - below->second) * share;
}

std::optional<absl::Duration> CostOf(const MeasuredCosts& costs, int width, int height, int rows) {
  std::map<std::pair<int, int>, Curve> shapes;
  for (const darkroom::v1::MeasuredCost& cost : costs) {
    if (!MakesSense(cost)) continue;
    shapes[{cost.width(), cost.height()}][cost.rows()] = cost.milliseconds();
  }
  if (shapes.empty()) return std::nullopt;
  const auto met = shapes.find({width, height});
  if (met != shapes.end()) return absl::Milliseconds(ValueAt(met->second, rows));
  Curve by_pixels;
  for (const auto& [shape, by_rows] : shapes) {
    by_pixels[static_cast<double>(shape.first) * shape.second] = ValueAt(by_rows, rows);
  }
  return absl::Milliseconds(ValueAt(by_pixels, static_cast<double>(width) * height));
}

// Sums of what several workers say, and how many do.
using Sums = std::map<std::tuple<int, int, int>, std::pair<double, int>>;

void AddTo(Sums& sums, const MeasuredCosts& costs) {
  for (const darkroom::v1::MeasuredCost& cost : costs) {
    if (!MakesSense(cost)) continue;
    auto& [sum, count] = sums[{cost.width(), cost.height(), cost.rows()}];
    sum += cost.milliseconds();
    ++count;
  }
}

std::map<std::tuple<int, int, int>, double> MeansOf(const Sums& sums) {
  std::map<std::tuple<int, int, int>, double> means;
  for (const auto& [key, sum] : sums) means[key] = sum.first / sum.second;
  return means;
}

}  // namespace

std::optional<absl::Duration> CostOfStep(const darkroom::v1::Model& model, int width, int height,
                                         int rows) {
  return CostOf(model.step_costs(), width, height, rows);
}

std::optional<absl::Duration> CostOfDecode(const darkroom::v1::Model& model, int width,
                                           int height) {
  return CostOf(model.decode_costs(), width, height, 1);
}

void LearntCosts::Learn(const std::vector<darkroom::internal::v1::ModelCosts>& measured) {
  std::map<std::string, std::pair<Sums, Sums>> sums;
  for (const darkroom::internal::v1::ModelCosts& of_worker : measured) {
    auto& [steps, decodes] = sums[of_worker.model()];
    AddTo(steps, of_worker.step_costs());
    AddTo(decodes, of_worker.decode_costs());
  }
  for (const auto& [model, of_model] : sums) {
    if (known_.size() >= kMostModels && !known_.contains(model)) continue;
    Known& known = known_[model];
    Remember(MeansOf(of_model.first), known.steps);
    Remember(MeansOf(of_model.second), known.decodes);
  }
}

void LearntCosts::Remember(const Costs& newest, Costs& known) {
  Costs earlier = std::exchange(known, newest);
  while (known.size() > kMostCosts) known.erase(std::prev(known.end()));
  for (const auto& [key, milliseconds] : earlier) {
    if (known.size() >= kMostCosts) return;
    known.try_emplace(key, milliseconds);
  }
}

void LearntCosts::Fill(const std::string& id, darkroom::v1::Model& model) const {
  const auto found = known_.find(id);
  if (found == known_.end()) return;
  const auto fill = [](const Costs& costs, MeasuredCosts& to) {
    to.Clear();
    for (const auto& [key, milliseconds] : costs) {
      darkroom::v1::MeasuredCost& cost = *to.Add();
      cost.set_width(std::get<0>(key));
      cost.set_height(std::get<1>(key));
      cost.set_rows(std::get<2>(key));
      cost.set_milliseconds(milliseconds);
    }
  };
  fill(found->second.steps, *model.mutable_step_costs());
  fill(found->second.decodes, *model.mutable_decode_costs());
  if (model.step_milliseconds() > 0) return;
  const auto step =
      CostOfStep(model, model.default_width(), model.default_height(), kUsualRowsOfStep);
  if (step.has_value()) model.set_step_milliseconds(absl::ToDoubleMilliseconds(*step));
}

}  // namespace darkroom::server
