#include "cli/fleet_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace darkroom::cli {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

constexpr std::int64_t kNow = 1'700'000'000;

v1::Fleet TwoWorkers() {
  v1::Fleet fleet;
  v1::Worker& worker = *fleet.add_workers();
  worker.set_name("workers/gpu-1");
  worker.set_host("box");
  worker.set_version("0.1.0");
  worker.set_device("cuda");
  worker.set_state(v1::WORKER_STATE_SERVING);
  worker.set_requested_state(v1::WORKER_STATE_PAUSED);
  worker.add_jobs("jobs/1");
  worker.set_rows(4);
  worker.set_row_capacity(32);
  worker.set_pictures_done(120);
  worker.set_pictures_last_minute(9);
  worker.mutable_start_time()->set_seconds(kNow - 3723);
  v1::ResidentModel& model = *worker.add_resident_models();
  model.set_model("models/sd15");
  model.set_size_bytes(std::int64_t{2} << 30);
  v1::ResidentModel& small = *worker.add_resident_models();
  small.set_model("models/demo");
  small.set_size_bytes(std::int64_t{9} << 20);
  fleet.add_workers()->set_name("workers/newer");
  fleet.set_queued_jobs(7);
  fleet.set_running_jobs(1);
  fleet.set_pictures_last_minute(9);
  v1::TierQueue& tier = *fleet.add_tiers();
  tier.set_tier("pro");
  tier.set_weight(8);
  tier.set_queued_jobs(7);
  tier.mutable_queued_device_time()->set_seconds(90);
  tier.mutable_oldest_wait()->set_seconds(5);
  fleet.add_tiers()->set_tier("slow");
  return fleet;
}

TEST(FleetTextTest, AFrameHasTotalsWorkersAndTiers) {
  const std::string text = FleetText(TwoWorkers(), absl::FromUnixSeconds(kNow));
  EXPECT_THAT(text, StartsWith("Workers: 2, jobs running: 1, queued: 7, dead letters: 0, "
                               "pictures in the last minute: 9\n"));
  EXPECT_THAT(text, HasSubstr("gpu-1   serving, asked: paused  cuda    1     4/32    120   9"));
  EXPECT_THAT(text, HasSubstr("1:02:03  0.1.0    box   sd15 (2.0 GiB), demo (9 MiB)"));
  EXPECT_THAT(text, HasSubstr("newer   unknown"));
  EXPECT_THAT(text, HasSubstr("pro   8       7       1:30         0:05"));
  EXPECT_THAT(text, HasSubstr("slow  0       0       0:00         -"));
}

TEST(FleetTextTest, ShowsHowFarPromisedWaitsWereOff) {
  v1::Fleet fleet = TwoWorkers();
  EXPECT_EQ(FleetText(fleet, absl::FromUnixSeconds(kNow)).find("promised"), std::string::npos);
  v1::PromiseErrors& errors = *fleet.add_promise_errors();
  errors.set_tier("pro");
  errors.set_jobs(41);
  errors.set_first_p50(0.084);
  errors.set_first_p90(0.75);
  errors.set_newest_p50(0.02);
  errors.set_newest_p90(0.196);
  const std::string text = FleetText(fleet, absl::FromUnixSeconds(kNow));
  EXPECT_THAT(text, HasSubstr("Waits promised, of jobs taken in the last one to two hours:\nTIER"));
  EXPECT_THAT(text, HasSubstr("pro   41    8%, 75%                          2%, 20%"));
}

TEST(FleetTextTest, AnEmptyFleetIsSaidInWords) {
  const std::string text = FleetText({}, absl::FromUnixSeconds(kNow));
  EXPECT_THAT(text, HasSubstr("No worker is there."));
  EXPECT_THAT(text, HasSubstr("Nothing is queued."));
}

TEST(FleetTextTest, AFrameNeverScrollsOrWraps) {
  EXPECT_EQ(FitToScreen("abc\ndefgh\ni", 5, 2), "abc\ndefgh");
  const std::string fitted =
      FitToScreen(FleetText(TwoWorkers(), absl::FromUnixSeconds(kNow)), 40, 3);
  std::size_t begin = 0;
  int lines = 0;
  while (begin <= fitted.size()) {
    const std::size_t end = std::min(fitted.find('\n', begin), fitted.size());
    EXPECT_LE(end - begin, 42u);  // an ellipsis has three bytes and is one character
    begin = end + 1;
    ++lines;
  }
  EXPECT_EQ(lines, 3);
}

}  // namespace
}  // namespace darkroom::cli
