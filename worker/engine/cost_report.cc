#include "worker/engine/cost_report.h"

#include <algorithm>
#include <string>
#include <vector>

#include "google/protobuf/repeated_field.h"

namespace darkroom::worker {
namespace {

using Measured = google::protobuf::RepeatedPtrField<v1::MeasuredCost>;

// As many as may still be reported.
void AddCosts(const std::vector<CostTable::Cost>& costs, int& left, Measured& to) {
  for (const CostTable::Cost& cost : costs) {
    if (left-- <= 0) return;
    v1::MeasuredCost& measured = *to.Add();
    measured.set_width(cost.shape.width);
    measured.set_height(cost.shape.height);
    measured.set_rows(cost.rows);
    measured.set_milliseconds(absl::ToDoubleMilliseconds(cost.time));
  }
}

}  // namespace

void ReportCosts(const StepMeter& meter, internal::v1::WorkerRecord& record) {
  const std::vector<std::string> models = meter.models();
  for (const std::string& model : models) {
    int left = std::max(1, kMostReportedCosts / static_cast<int>(models.size()));
    internal::v1::ModelCosts& costs = *record.add_costs();
    costs.set_model(model);
    AddCosts(meter.step_costs(model), left, *costs.mutable_step_costs());
    AddCosts(meter.decode_costs(model), left, *costs.mutable_decode_costs());
  }
}

}  // namespace darkroom::worker
