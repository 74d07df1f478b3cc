#include "worker/run_worker.h"

#include <filesystem>
#include <fstream>
#include <functional>
#include <string>
#include <thread>
#include <utility>

#include "absl/time/clock.h"
#include "common/await.h"
#include "common/ids.h"
#include "common/mutex.h"
#include "darkroom/internal/v1/adapter_list.pb.h"
#include "darkroom/internal/v1/job_record.pb.h"
#include "darkroom/internal/v1/worker_record.pb.h"
#include "darkroom/v1/model.pb.h"
#include "gtest/gtest.h"
#include "scheduler/testing/in_memory_fleet.h"
#include "scheduler/testing/in_memory_scheduler.h"
#include "worker/diffusion/adapters/test_file.h"
#include "worker/diffusion/fake_backend.h"

namespace darkroom::worker {
namespace {

using scheduler::InMemoryScheduler;
using scheduler::JobSnapshot;
using scheduler::JobState;

constexpr absl::Duration kLiveness = absl::Seconds(60);
constexpr std::int64_t kFirstProgress = 4;  // after accepted, queued, started

std::string Spec(int steps, int images) {
  internal::v1::JobSpec spec;
  spec.set_version(1);
  v1::ImageParameters& parameters = *spec.mutable_parameters();
  parameters.set_prompt("a red apple");
  parameters.set_model("fake");
  parameters.set_width(64);
  parameters.set_height(64);
  parameters.set_steps(steps);
  parameters.set_sampler("Euler");
  parameters.set_schedule("Automatic");
  parameters.set_guidance_scale(7);
  parameters.set_seed(11);
  parameters.set_image_count(images);
  parameters.set_clip_skip(1);
  parameters.set_preview_interval(2);
  return spec.SerializeAsString();
}

// A whole worker with its threads, over the in-memory ports and the system clock.
class RunWorkerTest : public ::testing::Test {
 protected:
  ~RunWorkerTest() override { Drain(); }

  void Start(absl::Duration time_per_row, WorkerOptions options = {.id = "worker-1"}) {
    auto backend = std::make_unique<diffusion::FakeBackend>(
        diffusion::FakeBackendOptions{.time_per_row = time_per_row});
    backend_ = backend.get();
    std::vector<ServedModel> models;
    models.push_back({"fake", "Fake", std::move(backend)});
    thread_ = std::thread([this, options, models = std::move(models)]() mutable {
      RunWorker(options, {std::move(models)}, {store_, store_, store_, store_, fleet_},
                [this] { drain_.WaitForNotification(); });
    });
  }

  void Drain() {
    if (!drain_.HasBeenNotified()) drain_.Notify();
    if (thread_.joinable()) thread_.join();
  }

  std::string Submit(int steps, int images = 1) {
    scheduler::Submission submission;
    submission.id = RandomId();
    submission.tenant = "tenant";
    submission.model = "fake";
    submission.spec = Spec(steps, images);
    submission.cost = absl::Seconds(1);
    submission.max_queued = 100;
    std::string id = submission.id;
    EXPECT_TRUE(Await<scheduler::SubmitOutcome>(kLiveness, [&](auto done) {
                  store_.Submit(std::move(submission), std::move(done));
                }).ok());
    return id;
  }

  JobSnapshot Get(const std::string& id) {
    return Await<JobSnapshot>(kLiveness,
                              [&](Callback<JobSnapshot> done) {
                                static_cast<scheduler::JobQueue&>(store_).Get("tenant", id,
                                                                              std::move(done));
                              })
        .value();
  }

  // The models that are listed, once there are any.
  std::vector<scheduler::ModelEntry> WaitForModels() {
    const absl::Time until = absl::Now() + kLiveness;
    std::vector<scheduler::ModelEntry> models;
    while (models.empty() && absl::Now() < until) {
      absl::SleepFor(absl::Milliseconds(5));
      models = Await<std::vector<scheduler::ModelEntry>>(kLiveness, [this](auto done) {
                 static_cast<scheduler::ModelRegistry&>(store_).List(std::move(done));
               }).value();
    }
    return models;
  }

  // The job once it is in this state, or as it stands after kLiveness.
  JobSnapshot WaitFor(const std::string& id, JobState state) {
    const absl::Time until = absl::Now() + kLiveness;
    JobSnapshot job = Get(id);
    while (job.state != state && absl::Now() < until) {
      absl::SleepFor(absl::Milliseconds(5));
      job = Get(id);
    }
    return job;
  }

  // The one worker as it has reported; empty when it is not there.
  v1::Worker Reported() {
    internal::v1::WorkerRecord record;
    fleet_.ListWorkers([&](const auto& workers) {
      if (workers.ok() && workers->size() == 1) record.ParseFromString(workers->front().record);
    });
    return record.worker();
  }
  // True when that holds before kLiveness is over.
  static bool Eventually(const std::function<bool()>& holds) {
    const absl::Time until = absl::Now() + kLiveness;
    while (!holds()) {
      if (absl::Now() > until) return false;
      absl::SleepFor(absl::Milliseconds(5));
    }
    return true;
  }
  void Ask(scheduler::WorkerWish wish) {
    fleet_.AskWorker("worker-1", wish, [](const auto& asked) { EXPECT_TRUE(asked.ok()); });
  }

  InMemoryScheduler store_{&Clock::System()};
  scheduler::InMemoryFleet fleet_{&Clock::System()};
  Notification drain_;
  diffusion::FakeBackend* backend_ = nullptr;  // while the worker runs
  std::thread thread_;
};

TEST_F(RunWorkerTest, MakesThePicturesOfManyJobs) {
  Start(absl::Milliseconds(1));
  std::vector<std::string> ids;
  for (int i = 0; i < 12; ++i) ids.push_back(Submit(3 + i, 1 + i % 3));
  for (const std::string& id : ids) {
    const JobSnapshot job = WaitFor(id, JobState::kSucceeded);
    ASSERT_EQ(job.state, JobState::kSucceeded) << job.failure.reason;
    internal::v1::JobResult result;
    ASSERT_TRUE(result.ParseFromString(job.result));
    for (const v1::Image& image : result.images()) {
      const std::string png = Await<std::string>(kLiveness, [&](Callback<std::string> done) {
                                static_cast<scheduler::ResultStore&>(store_).Get(
                                    {id, job.fence}, image.index(), std::move(done));
                              }).value();
      EXPECT_EQ(static_cast<std::int64_t>(png.size()), image.size_bytes());
    }
  }
}

TEST_F(RunWorkerTest, StopsACancelledJobWhileOthersGoOn) {
  Start(absl::Milliseconds(5));
  const std::string cancelled = Submit(150);
  const std::string other = Submit(20);
  ASSERT_EQ(WaitFor(cancelled, JobState::kRunning).state, JobState::kRunning);
  Await<JobSnapshot>(kLiveness, [&](auto done) {
    store_.Cancel("tenant", cancelled, std::move(done));
  }).IgnoreError();
  EXPECT_EQ(WaitFor(cancelled, JobState::kCancelled).state, JobState::kCancelled);
  EXPECT_EQ(WaitFor(other, JobState::kSucceeded).state, JobState::kSucceeded);
}

TEST_F(RunWorkerTest, HandsBackOnDrainWhatItCannotFinish) {
  Start(absl::Milliseconds(50), {.id = "worker-1", .drain_grace = absl::Seconds(1)});
  const std::string id = Submit(150);
  ASSERT_EQ(WaitFor(id, JobState::kRunning).state, JobState::kRunning);
  Drain();
  const JobSnapshot job = Get(id);
  EXPECT_EQ(job.state, JobState::kQueued);
  EXPECT_EQ(job.attempts, 0);
}

TEST_F(RunWorkerTest, FinishesOnDrainWhatItCan) {
  Start(absl::Milliseconds(2), {.id = "worker-1", .drain_grace = kLiveness});
  const std::string id = Submit(40);
  // A job that has not begun is handed back at once.
  const absl::Time until = absl::Now() + kLiveness;
  while (Get(id).last_sequence < kFirstProgress && absl::Now() < until) {
    absl::SleepFor(absl::Milliseconds(1));
  }
  Drain();
  EXPECT_EQ(Get(id).state, JobState::kSucceeded);
}

TEST_F(RunWorkerTest, AnnouncesItsModelsAndWithdraws) {
  Start(absl::ZeroDuration());
  const std::vector<scheduler::ModelEntry> announced = WaitForModels();
  ASSERT_EQ(announced.size(), 1u);
  EXPECT_EQ(announced[0].id, "fake");
  EXPECT_EQ(announced[0].workers, 1);
  v1::Model model;
  ASSERT_TRUE(model.ParseFromString(announced[0].record));
  EXPECT_EQ(model.name(), "models/fake");
  Drain();
  EXPECT_EQ(WaitForModels()[0].workers, 0);
}

TEST_F(RunWorkerTest, KnowsItsAdaptersBeforeItAnnouncesAModel) {
  const std::filesystem::path folder = std::filesystem::path(::testing::TempDir()) / RandomId();
  std::filesystem::create_directories(folder);
  diffusion::TestFile embedding("unused");
  embedding.Add("emb_params", {1, 768});
  std::ofstream(folder / "bad.safetensors", std::ios::binary) << embedding.Bytes();
  Start(absl::ZeroDuration(),
        {.id = "worker-1", .adapters = {.loras = {}, .embeddings = {folder}}});
  const std::vector<scheduler::ModelEntry> announced = WaitForModels();
  ASSERT_EQ(announced.size(), 1u);
  v1::Model model;
  ASSERT_TRUE(model.ParseFromString(announced[0].record));
  const std::string bytes = Await<std::string>(kLiveness, [&](Callback<std::string> done) {
                              store_.GetDocument(model.adapters_digest(), std::move(done));
                            }).value_or("");
  internal::v1::AdapterList list;
  ASSERT_TRUE(list.ParseFromString(bytes));
  ASSERT_EQ(list.adapters_size(), 1);
  EXPECT_EQ(list.adapters(0).adapter().name(), "bad");
  ASSERT_EQ(WaitFor(Submit(1), JobState::kSucceeded).state, JobState::kSucceeded);
  ASSERT_EQ(backend_->adapters().embeddings.size(), 1u);
  EXPECT_EQ(backend_->adapters().embeddings[0].path, folder / "bad.safetensors");
  std::filesystem::remove_all(folder);
}

TEST_F(RunWorkerTest, TellsTheFleetHowItIs) {
  Start(absl::Milliseconds(20), {.id = "worker-1", .device = "fake"});
  const std::string id = Submit(100, 2);
  ASSERT_TRUE(Eventually([&] { return Reported().rows() == 2; }));
  const v1::Worker worker = Reported();
  EXPECT_EQ(worker.name(), "workers/worker-1");
  EXPECT_EQ(worker.device(), "fake");
  EXPECT_NE(worker.host(), "");
  EXPECT_NE(worker.version(), "");
  EXPECT_EQ(worker.state(), v1::WORKER_STATE_SERVING);
  ASSERT_EQ(worker.jobs_size(), 1);
  EXPECT_EQ(worker.jobs(0), "jobs/" + id);
  EXPECT_EQ(worker.row_capacity(), 32);
  ASSERT_EQ(worker.resident_models_size(), 1);
  EXPECT_EQ(worker.resident_models(0).model(), "models/fake");
  ASSERT_EQ(WaitFor(id, JobState::kSucceeded).state, JobState::kSucceeded);
  EXPECT_TRUE(Eventually([&] { return Reported().pictures_last_minute() == 2; }));
  EXPECT_EQ(Reported().jobs_size(), 0);
  Drain();
  EXPECT_EQ(Reported().name(), "");
}

TEST_F(RunWorkerTest, IsHealthyFromItsFirstReportUntilItDrains) {
  WorkerHealth health;
  EXPECT_FALSE(health.status().ok());
  Start(absl::Milliseconds(1), {.id = "worker-1", .health = &health});
  EXPECT_TRUE(Eventually([&] { return health.status().ok(); }));
  Drain();
  EXPECT_FALSE(health.status().ok());
}

TEST_F(RunWorkerTest, APausedWorkerFinishesWhatItHasAndTakesNoMore) {
  Start(absl::Milliseconds(20));
  const std::string running = Submit(100);
  ASSERT_EQ(WaitFor(running, JobState::kRunning).state, JobState::kRunning);
  ASSERT_TRUE(Eventually([&] { return Reported().jobs_size() == 1; }));
  Ask(scheduler::WorkerWish::kPause);
  ASSERT_TRUE(Eventually([&] { return Reported().state() == v1::WORKER_STATE_PAUSED; }));
  const std::string waiting = Submit(1);
  EXPECT_EQ(WaitFor(running, JobState::kSucceeded).state, JobState::kSucceeded);
  EXPECT_EQ(Get(waiting).state, JobState::kQueued);
  Ask(scheduler::WorkerWish::kServe);
  EXPECT_EQ(WaitFor(waiting, JobState::kSucceeded).state, JobState::kSucceeded);
}

TEST_F(RunWorkerTest, ADrainThatIsAskedForEndsTheWorker) {
  Start(absl::Milliseconds(1), {.id = "worker-1", .ask_to_drain = [this] { drain_.Notify(); }});
  ASSERT_TRUE(Eventually([&] { return Reported().name() != ""; }));
  Ask(scheduler::WorkerWish::kDrain);
  thread_.join();
  EXPECT_EQ(Reported().name(), "");
}

}  // namespace
}  // namespace darkroom::worker
