#include "worker/diffusion/bench/measurements.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "worker/diffusion/bench/report.h"
#include "worker/diffusion/fake_backend.h"

namespace darkroom::diffusion {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST(MeasurementsTest, TheMedianIsTheMiddle) {
  EXPECT_EQ(Median({absl::Seconds(3), absl::Seconds(1), absl::Seconds(9)}), absl::Seconds(3));
  EXPECT_EQ(Median({absl::Seconds(3), absl::Seconds(1)}), absl::Seconds(2));
}

TEST(MeasurementsTest, RowsThatDoNotFitTheDeviceAreLeftOut) {
  FakeBackend backend({.max_rows = 64, .memory_rows = 20});
  const Measurements measured =
      Measure(backend, {.side = 64, .steps = 2, .jobs = 0, .repeats = 2}).value();
  std::vector<int> rows;
  for (const StepTime& step : measured.steps) rows.push_back(step.rows);
  EXPECT_THAT(rows, ElementsAre(1, 2, 4, 8, 16));
  EXPECT_EQ(measured.pictures.jobs, 0);
}

TEST(MeasurementsTest, JobsTogetherShareTheirForwards) {
  FakeBackend backend({.max_rows = 4});
  const Workload workload{.side = 64, .steps = 3, .jobs = 6, .repeats = 1, .rows = {}};
  const Measurements measured = Measure(backend, workload).value();
  EXPECT_EQ(measured.pictures.jobs, 6);
  const auto batches = backend.batches();
  // One step for the decode, six jobs of three steps, then three steps of four and three of two.
  ASSERT_EQ(batches.size(), 1u + 18 + 6);
  EXPECT_EQ(batches[18].size(), 1u);
  EXPECT_EQ(batches[19].size(), 4u);
  EXPECT_EQ(batches[24].size(), 2u);
}

TEST(MeasurementsTest, RowsTakeTurnsWithTheLoras) {
  FakeBackend backend({.max_rows = 4});
  const Workload workload{
      .side = 64, .steps = 1, .jobs = 0, .repeats = 1, .rows = {4}, .loras = {"oil", "ink"}};
  ASSERT_TRUE(Measure(backend, workload).ok());
  const std::vector<FakeRow> rows = backend.batches().front();
  ASSERT_EQ(rows.size(), 4u);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    EXPECT_THAT(rows[i].prompt, HasSubstr(i % 2 == 0 ? "<lora:oil:1>" : "<lora:ink:1>"));
  }
}

TEST(MeasurementsTest, AFailureOfTheBackendIsReported) {
  FakeBackend backend({.nan_word = "apple"});
  EXPECT_TRUE(absl::IsInternal(
      Measure(backend, {.side = 64, .steps = 2, .jobs = 0, .repeats = 2}).status()));
}

TEST(ReportTest, ItIsJsonWithRates) {
  const Measurements measured{.key = {},
                              .text_encode = absl::Milliseconds(5),
                              .steps = {{.rows = 2, .median = absl::Milliseconds(100)}},
                              .decode = absl::Milliseconds(7),
                              .pictures = {.jobs = 8,
                                           .one_at_a_time = absl::Seconds(4),
                                           .together = absl::Seconds(2),
                                           .speedup = 2}};
  const std::string report = FormatReport({.model = "a \"b\"",
                                           .device = "cpu",
                                           .dtype = "auto",
                                           .load = absl::Milliseconds(1500),
                                           .peak_resident = std::int64_t{3} << 20,
                                           .unet_flops = 25e9,
                                           .peak_tflops = 2},
                                          {.side = 64}, measured);
  EXPECT_THAT(report, HasSubstr(R"("model": "a \"b\"")"));
  EXPECT_THAT(report, HasSubstr(R"("load_s": 1.50, "peak_resident_mib": 3,)"));
  EXPECT_THAT(report, HasSubstr(R"("ms_per_row": 50.000, "tflops": 1.0000, "peak_share": 0.500)"));
  EXPECT_THAT(report, HasSubstr(R"("together_per_s": 4.0000, "speedup": 2.000)"));
}

}  // namespace
}  // namespace darkroom::diffusion
