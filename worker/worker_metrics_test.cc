#include "worker/worker_metrics.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace darkroom::worker {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

const JobLabels kAnt = {.tier = "free", .model = "ant"};

TEST(WorkerMetricsTest, WorkIsCountedByModel) {
  metrics::Registry registry;
  const std::unique_ptr<WorkObserver> observer = MakeObserver(&registry);
  observer->NoteForward({.model = "ant",
                         .images = 3,
                         .room = 8,
                         .rows = 6,
                         .steps = {{"free", 2}},
                         .elapsed = absl::Milliseconds(500)});
  observer->NoteForward({.model = "ant",
                         .images = 8,
                         .room = 8,
                         .rows = 16,
                         .steps = {{"free", 3}, {"paid", 5}},
                         .elapsed = absl::Milliseconds(1500)});
  observer->NotePicture(kAnt,
                        {.decode = absl::Milliseconds(250), .encode = absl::Milliseconds(125)});
  observer->NotePicture(kAnt, {.decoded = false});
  const std::string text = registry.Text();
  for (const char* line : {"darkroom_worker_forward_seconds_sum{model=\"ant\"} 2\n",
                           "darkroom_worker_forward_seconds_count{model=\"ant\"} 2\n",
                           "darkroom_worker_forward_images_sum{model=\"ant\"} 11\n",
                           "darkroom_worker_forward_images_bucket{model=\"ant\",le=\"3\"} 1\n",
                           "darkroom_worker_forward_room_total{model=\"ant\"} 16\n",
                           "darkroom_worker_forward_rows_total{model=\"ant\"} 22\n",
                           "darkroom_worker_steps_total{model=\"ant\",tier=\"free\"} 5\n",
                           "darkroom_worker_steps_total{model=\"ant\",tier=\"paid\"} 5\n",
                           "darkroom_worker_decode_seconds_sum{model=\"ant\"} 0.25\n",
                           "darkroom_worker_decode_seconds_count{model=\"ant\"} 1\n",
                           "darkroom_worker_encode_seconds_sum{model=\"ant\"} 0.125\n",
                           "darkroom_worker_pictures_total{model=\"ant\",tier=\"free\"} 2\n"}) {
    EXPECT_THAT(text, HasSubstr(line));
  }
}

TEST(WorkerMetricsTest, EndsOfJobsAreCountedAndFailuresByReason) {
  metrics::Registry registry;
  const std::unique_ptr<WorkObserver> observer = MakeObserver(&registry);
  observer->NoteFirstLease(kAnt, absl::Seconds(2));
  EXPECT_THAT(registry.Text(),
              HasSubstr("darkroom_worker_jobs_total{outcome=\"expired\",tier=\"free\"} 0\n"));
  observer->NoteEnd(kAnt, scheduler::Succeeded{.device_time = absl::Seconds(3)}, absl::Seconds(7),
                    absl::ZeroDuration());
  observer->NoteEnd(kAnt,
                    scheduler::Failed{.failure = {"OUT_OF_MEMORY", "of a tenant"},
                                      .device_time = absl::Seconds(1)},
                    absl::Seconds(9), absl::ZeroDuration());
  observer->NoteEnd(kAnt, scheduler::Cancelled{}, absl::Seconds(1), absl::ZeroDuration());
  observer->NoteEnd(kAnt, scheduler::Expired{}, absl::Seconds(1), absl::ZeroDuration());
  observer->NoteParting(kAnt, WorkObserver::Parting::kReleased);
  observer->NoteParting(kAnt, WorkObserver::Parting::kLost);
  const std::string text = registry.Text();
  for (const char* outcome : {"succeeded", "failed", "cancelled", "expired", "released"}) {
    EXPECT_THAT(text, HasSubstr("darkroom_worker_jobs_total{outcome=\"" + std::string(outcome) +
                                "\",tier=\"free\"} 1\n"));
  }
  for (const char* line :
       {"darkroom_worker_wait_seconds_sum{tier=\"free\"} 2\n",
        "darkroom_worker_end_to_end_seconds_sum{tier=\"free\"} 7\n",
        "darkroom_worker_end_to_end_seconds_count{tier=\"free\"} 1\n",
        "darkroom_worker_device_seconds_total{model=\"ant\",tier=\"free\"} 4\n"}) {
    EXPECT_THAT(text, HasSubstr(line));
  }
  EXPECT_THAT(text, HasSubstr("darkroom_worker_failed_jobs_total{reason=\"OUT_OF_MEMORY\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("\ndarkroom_worker_lost_leases_total 1\n"));
}

TEST(WorkerMetricsTest, WithoutARegistryNothingIsCounted) {
  const std::unique_ptr<WorkObserver> observer = MakeObserver(nullptr);
  observer->NoteForward({.model = "ant"});
  observer->NoteEnd(kAnt, scheduler::Failed{}, absl::Seconds(1), absl::ZeroDuration());
}

TEST(WorkerMetricsTest, ModelsAreShownAsTheyAreAtTheScrape) {
  metrics::Registry registry;
  WorkerLoad load = {.images = 3,
                     .capacity = 32,
                     .resident = {{"ant", 1000}},
                     .traffic = {{.id = "ant", .loads = 2, .load_time = absl::Seconds(3)},
                                 {.id = "bee", .loads = 1, .failures = 4, .evictions = 1}},
                     .memory = diffusion::DeviceMemory{.worker = 50, .others = 20, .free = 30}};
  const metrics::Registry::Collector collector(
      registry, [&load](metrics::Samples& samples) { ShowWorker(load, samples); });
  const std::string text = registry.Text();
  for (const char* line : {"\ndarkroom_worker_images 3\n", "\ndarkroom_worker_image_capacity 32\n",
                           "darkroom_worker_model_resident_bytes{model=\"ant\"} 1000\n",
                           "darkroom_worker_model_loads_total{model=\"ant\"} 2\n",
                           "darkroom_worker_model_load_seconds_total{model=\"ant\"} 3\n",
                           "darkroom_worker_model_load_failures_total{model=\"bee\"} 4\n",
                           "darkroom_worker_model_evictions_total{model=\"bee\"} 1\n",
                           "darkroom_worker_device_memory_bytes{use=\"worker\"} 50\n",
                           "darkroom_worker_device_memory_bytes{use=\"others\"} 20\n",
                           "darkroom_worker_device_memory_bytes{use=\"free\"} 30\n"}) {
    EXPECT_THAT(text, HasSubstr(line));
  }
  load.resident.clear();
  load.memory.reset();
  EXPECT_THAT(registry.Text(),
              AllOf(Not(HasSubstr("resident_bytes")), Not(HasSubstr("memory_bytes"))));
}

}  // namespace
}  // namespace darkroom::worker
