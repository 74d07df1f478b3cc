#include "worker/engine/cost_report.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "scheduler/core/fleet.h"

namespace darkroom::worker {
namespace {

TEST(CostReportTest, TellsWhatWasMeasuredOfEachModel) {
  StepMeter meter;
  for (int i = 0; i < 3; ++i) {
    meter.RecordStep("demo", {.width = 64, .height = 32}, 4, 2, absl::Milliseconds(300));
    meter.RecordDecode("demo", {.width = 64, .height = 32}, 1, absl::Milliseconds(20));
  }
  internal::v1::WorkerRecord record;
  ReportCosts(meter, record);
  ASSERT_EQ(record.costs_size(), 1);
  EXPECT_EQ(record.costs(0).ShortDebugString(),
            "model: \"demo\" step_costs { width: 64 height: 32 rows: 4 milliseconds: 300 } "
            "decode_costs { width: 64 height: 32 rows: 1 milliseconds: 20 }");
}

TEST(CostReportTest, StaysWithinTheBoundOfARecord) {
  StepMeter meter;
  for (int model = 0; model < 10; ++model) {
    for (int i = 0; i < 256 * 3; ++i) {
      const CostTable::Shape shape = {.width = 1024 + 8 * (i % 32), .height = 2048};
      meter.RecordStep(std::string(64, static_cast<char>('a' + model)), shape, 64 + i / 32 % 8, 1,
                       absl::Milliseconds(333));
    }
  }
  internal::v1::WorkerRecord record;
  ReportCosts(meter, record);
  EXPECT_LT(record.ByteSizeLong(), scheduler::kMaxWorkerRecordBytes / 8);
  for (const internal::v1::ModelCosts& costs : record.costs()) {
    EXPECT_EQ(costs.step_costs_size(), 25) << costs.model();
  }
}

}  // namespace
}  // namespace darkroom::worker
