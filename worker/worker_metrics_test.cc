#include "worker/worker_metrics.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace darkroom::worker {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

TEST(WorkerMetricsTest, WorkIsCountedByModel) {
  metrics::Registry registry;
  const std::unique_ptr<WorkObserver> observer = MakeObserver(&registry);
  observer->NoteForward({.model = "ant",
                         .images = 3,
                         .room = 8,
                         .rows = 6,
                         .steps = 2,
                         .elapsed = absl::Milliseconds(500)});
  observer->NoteForward({.model = "ant",
                         .images = 8,
                         .room = 8,
                         .rows = 16,
                         .steps = 8,
                         .elapsed = absl::Milliseconds(1500)});
  observer->NoteDecode("ant", absl::Milliseconds(250));
  observer->NotePicture("ant", absl::Milliseconds(125));
  const std::string text = registry.Text();
  for (const char* line : {"darkroom_worker_forward_seconds_sum{model=\"ant\"} 2\n",
                           "darkroom_worker_forward_seconds_count{model=\"ant\"} 2\n",
                           "darkroom_worker_forward_images_sum{model=\"ant\"} 11\n",
                           "darkroom_worker_forward_images_bucket{model=\"ant\",le=\"3\"} 1\n",
                           "darkroom_worker_forward_room_total{model=\"ant\"} 16\n",
                           "darkroom_worker_forward_rows_total{model=\"ant\"} 22\n",
                           "darkroom_worker_steps_total{model=\"ant\"} 10\n",
                           "darkroom_worker_decode_seconds_sum{model=\"ant\"} 0.25\n",
                           "darkroom_worker_encode_seconds_sum{model=\"ant\"} 0.125\n",
                           "darkroom_worker_pictures_total{model=\"ant\"} 1\n"}) {
    EXPECT_THAT(text, HasSubstr(line));
  }
}

TEST(WorkerMetricsTest, EndsOfJobsAreCountedAndFailuresByReason) {
  metrics::Registry registry;
  const std::unique_ptr<WorkObserver> observer = MakeObserver(&registry);
  EXPECT_THAT(registry.Text(), HasSubstr("darkroom_worker_jobs_total{outcome=\"expired\"} 0\n"));
  observer->NoteEnd(scheduler::Succeeded{});
  observer->NoteEnd(scheduler::Failed{.failure = {"OUT_OF_MEMORY", "of a tenant"}});
  observer->NoteEnd(scheduler::Cancelled{});
  observer->NoteEnd(scheduler::Expired{});
  observer->NoteRelease();
  observer->NoteLostLease();
  const std::string text = registry.Text();
  for (const char* outcome : {"succeeded", "failed", "cancelled", "expired", "released"}) {
    EXPECT_THAT(text, HasSubstr("darkroom_worker_jobs_total{outcome=\"" + std::string(outcome) +
                                "\"} 1\n"));
  }
  EXPECT_THAT(text, HasSubstr("darkroom_worker_failed_jobs_total{reason=\"OUT_OF_MEMORY\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("\ndarkroom_worker_lost_leases_total 1\n"));
}

TEST(WorkerMetricsTest, WithoutARegistryNothingIsCounted) {
  const std::unique_ptr<WorkObserver> observer = MakeObserver(nullptr);
  observer->NoteForward({.model = "ant"});
  observer->NoteEnd(scheduler::Failed{});
}

TEST(WorkerMetricsTest, ModelsAreShownAsTheyAreAtTheScrape) {
  metrics::Registry registry;
  WorkerLoad load = {.images = 3,
                     .capacity = 32,
                     .resident = {{"ant", 1000}},
                     .traffic = {{.id = "ant", .loads = 2, .load_time = absl::Seconds(3)},
                                 {.id = "bee", .loads = 1, .failures = 4, .evictions = 1}}};
  const metrics::Registry::Collector collector(
      registry, [&load](metrics::Samples& samples) { ShowWorker(load, samples); });
  const std::string text = registry.Text();
  for (const char* line : {"\ndarkroom_worker_images 3\n", "\ndarkroom_worker_image_capacity 32\n",
                           "darkroom_worker_model_resident_bytes{model=\"ant\"} 1000\n",
                           "darkroom_worker_model_loads_total{model=\"ant\"} 2\n",
                           "darkroom_worker_model_load_seconds_total{model=\"ant\"} 3\n",
                           "darkroom_worker_model_load_failures_total{model=\"bee\"} 4\n",
                           "darkroom_worker_model_evictions_total{model=\"bee\"} 1\n"}) {
    EXPECT_THAT(text, HasSubstr(line));
  }
  load.resident.clear();
  EXPECT_THAT(registry.Text(), Not(HasSubstr("resident_bytes")));
}

}  // namespace
}  // namespace darkroom::worker
