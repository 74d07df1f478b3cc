// What Prometheus gets of real processes.

#include <sys/wait.h>

#include <cstdlib>
#include <filesystem>
#include <map>
#include <optional>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/file.h"
#include "tests/integration/scrape.h"
#include "tests/integration/stack_test.h"

namespace darkroom::testing {
namespace {

using ::testing::HasSubstr;

constexpr absl::Duration kPatience = absl::Seconds(60);
constexpr char kGenerate[] = "grpc_method=\"darkroom.v1.GenerationService/GenerateImage\"";

class MetricsTest : public StackTest {
 protected:
  explicit MetricsTest(absl::Duration step = absl::Milliseconds(20)) : StackTest(step) {}
  void SetUp() override { UseStack(Stack::StartWithMetrics(step_)); }

  Scrape ScrapeOf(Part part) {
    absl::StatusOr<Scrape> scrape = Scrape::Of(stack_->metrics(part));
    EXPECT_TRUE(scrape.ok()) << scrape.status();
    return *std::move(scrape);
  }

  // The part shows all these values at once before kPatience is over.
  void ExpectSoon(Part part, const std::map<std::string, double>& values) {
    const absl::Status seen = Eventually(kPatience, [&]() -> absl::Status {
      absl::StatusOr<Scrape> scrape = Scrape::Of(stack_->metrics(part));
      if (!scrape.ok()) return scrape.status();
      for (const auto& [series, value] : values) {
        const std::optional<double> shown = scrape->Value(series);
        if (shown == value) continue;
        return absl::UnavailableError(
            absl::StrCat(series, " is ", shown.has_value() ? absl::StrCat(*shown) : "not there",
                         ", not ", value, "\n", scrape->text()));
      }
      return absl::OkStatus();
    });
    EXPECT_TRUE(seen.ok()) << seen;
  }

  struct Checked {
    int exit_status = 0;
    std::string words;
  };
  // What the part's program says of the part, as a container engine asks it.
  Checked CheckHealth(Part part, const std::string& flags) {
    const std::map<Part, std::string> programs = {{Part::kGateway, "darkroom-gateway"},
                                                  {Part::kScheduler, "darkroom-scheduler"},
                                                  {Part::kWorker, "darkroom-fake-worker"}};
    const std::filesystem::path words = stack_->folder() / "words";
    const int status =
        std::system(absl::StrCat((ProgramFolder() / programs.at(part)).string(), " --check_health ",
                                 flags, " > ", words.string(), " 2>&1")
                        .c_str());
    return {WEXITSTATUS(status), ReadFile(words, 1 << 20).value_or("")};
  }
  Checked CheckHealth(Part part) {
    return CheckHealth(part, absl::StrCat("--metrics_listen ", stack_->metrics(part).ToString()));
  }
  // The check ends with this status, and these words, before kPatience is over.
  void ExpectHealthSoon(Part part, int exit_status, const std::string& words) {
    const absl::Status seen = Eventually(kPatience, [&]() -> absl::Status {
      const Checked checked = CheckHealth(part);
      if (checked.exit_status == exit_status && absl::StrContains(checked.words, words)) {
        return absl::OkStatus();
      }
      return absl::UnavailableError(absl::StrCat(checked.exit_status, ": ", checked.words));
    });
    EXPECT_TRUE(seen.ok()) << seen;
  }

  // Runs a job that ends as it should not.
  void Fail(v1::GenerateImageRequest request) {
    Recording recording(jobs(), request);
    recording.Join().IgnoreError();
  }
};

TEST_F(MetricsTest, AllProcessesTellWhatAFewJobsDid) {
  for (int i = 0; i < 3; ++i) ExpectPicture(*Generate(PictureRequest(4)));
  ExpectSoon(Part::kWorker,
             {{"darkroom_worker_pictures_total{model=\"fake\",tier=\"standard\"}", 3},
              {"darkroom_worker_steps_total{model=\"fake\",tier=\"standard\"}", 12},
              {"darkroom_worker_forward_seconds_count{model=\"fake\"}", 12},
              {"darkroom_worker_forward_images_sum{model=\"fake\"}", 12},
              {"darkroom_worker_forward_room_total{model=\"fake\"}", 12 * 16},
              {"darkroom_worker_decode_seconds_count{model=\"fake\"}", 3},
              {"darkroom_worker_encode_seconds_count{model=\"fake\"}", 3},
              {"darkroom_worker_jobs_total{outcome=\"succeeded\",tier=\"standard\"}", 3},
              {"darkroom_worker_jobs_total{outcome=\"failed\",tier=\"standard\"}", 0},
              {"darkroom_worker_wait_seconds_count{tier=\"standard\"}", 3},
              {"darkroom_worker_end_to_end_seconds_count{tier=\"standard\"}", 3},
              {"darkroom_worker_lost_leases_total", 0},
              {"darkroom_worker_images", 0},
              {"darkroom_worker_image_capacity", 32},
              {"darkroom_worker_model_resident_bytes{model=\"fake\"}", 0}});
  EXPECT_GE(ScrapeOf(Part::kWorker)
                .Value("darkroom_worker_forward_seconds_sum{model=\"fake\"}")
                .value_or(0),
            12 * absl::ToDoubleSeconds(step_));
  ExpectSoon(
      Part::kGateway,
      {{absl::StrCat("grpc_server_call_started_total{", kGenerate, "}"), 3},
       {absl::StrCat("grpc_server_call_duration_seconds_count{", kGenerate, ",grpc_status=\"OK\"}"),
        3},
       {absl::StrCat("darkroom_gateway_open_streams{", kGenerate, "}"), 0}});
  ExpectSoon(Part::kScheduler, {{"darkroom_redis_up", 1},
                                {"darkroom_redis_memory_limit_bytes", 64 << 20},
                                {"darkroom_running_jobs", 0},
                                {"darkroom_dead_letters", 0},
                                {"darkroom_workers{wish=\"serve\"}", 1},
                                {"darkroom_model_workers{model=\"fake\"}", 1},
                                {"darkroom_reaped_jobs_total{outcome=\"requeued\"}", 0}});
  EXPECT_GT(ScrapeOf(Part::kScheduler).Value("darkroom_redis_memory_used_bytes").value_or(0), 1e5);
}

TEST_F(MetricsTest, WhatGoesWrongIsCountedByReason) {
  v1::GenerateImageRequest poisoned = PictureRequest(4);
  poisoned.mutable_parameters()->set_prompt(absl::StrCat("a ", kPoisonedWord, " apple"));
  Fail(poisoned);
  Fail(PictureRequest(-1));
  v1::CreateJobRequest unknown;
  unknown.mutable_parameters()->set_prompt("a red apple");
  unknown.mutable_parameters()->set_model("models/unknown");
  EXPECT_FALSE(jobs().Create(unknown).ok());
  ExpectSoon(Part::kWorker,
             {{"darkroom_worker_jobs_total{outcome=\"failed\",tier=\"standard\"}", 1},
              {"darkroom_worker_failed_jobs_total{reason=\"NUMERICAL_ERROR\"}", 1}});
  ExpectSoon(Part::kGateway, {{"darkroom_gateway_refusals_total{reason=\"INVALID_REQUEST\"}", 2},
                              {absl::StrCat("grpc_server_call_duration_seconds_count{", kGenerate,
                                            ",grpc_status=\"INVALID_ARGUMENT\"}"),
                               1}});
}

class SlowMetricsTest : public MetricsTest {
 protected:
  SlowMetricsTest() : MetricsTest(absl::Milliseconds(100)) {}
};

TEST_F(SlowMetricsTest, TheQueueIsSeenWhileItsWorkerIsGoneAndTheJobIsPutBack) {
  v1::GenerateImageRequest request = PictureRequest(150);  // a minute
  request.mutable_parameters()->set_image_count(4);
  const auto running = Generate(request);
  ASSERT_TRUE(running->Await(v1::JobEvent::kProgress));
  ExpectSoon(Part::kScheduler, {{"darkroom_running_jobs", 1}});
  ExpectSoon(Part::kGateway, {{absl::StrCat("darkroom_gateway_open_streams{", kGenerate, "}"), 1}});
  stack_->Kill(Part::kWorker);
  const auto waiting = Generate(PictureRequest(1));
  const char kQueue[] = "darkroom_queue_jobs{tier=\"standard\",model=\"fake\"}";
  ExpectSoon(Part::kScheduler, {{kQueue, 2},
                                {"darkroom_running_jobs", 0},
                                {"darkroom_reaped_jobs_total{outcome=\"requeued\"}", 1},
                                {"darkroom_model_workers{model=\"fake\"}", 0},
                                {"darkroom_workers{wish=\"serve\"}", 0}});
  const Scrape scrape = ScrapeOf(Part::kScheduler);
  EXPECT_GT(scrape.Value("darkroom_queue_oldest_age_seconds{tier=\"standard\",model=\"fake\"}")
                .value_or(0),
            1);
  EXPECT_GT(scrape.Value("darkroom_queue_device_seconds{tier=\"standard\"}").value_or(0), 0);
  ASSERT_TRUE(jobs().Cancel(running->job()).ok());
  EXPECT_TRUE(running->Join().ok());
  ASSERT_TRUE(stack_->Run(Part::kWorker).ok());
  ExpectPicture(*waiting);
  ASSERT_TRUE(Eventually(kPatience, [&] {
                return ScrapeOf(Part::kScheduler).Has("darkroom_queue_jobs")
                           ? absl::UnavailableError("it still shows a queue")
                           : absl::OkStatus();
              }).ok());
  ExpectSoon(Part::kScheduler, {{"darkroom_promised_jobs{tier=\"standard\"}", 1}});
}

TEST_F(MetricsTest, APoolThatCannotBeReadIsNotShown) {
  ExpectSoon(Part::kScheduler, {{"darkroom_redis_up", 1}});
  stack_->Kill(Part::kRedis);
  ExpectSoon(Part::kScheduler, {{"darkroom_redis_up", 0}});
  EXPECT_FALSE(ScrapeOf(Part::kScheduler).Has("darkroom_running_jobs"));
  ASSERT_TRUE(stack_->Run(Part::kRedis).ok());
  ExpectSoon(Part::kScheduler, {{"darkroom_redis_up", 1}, {"darkroom_running_jobs", 0}});
}

TEST_F(MetricsTest, TheHealthCheckOfEachProcessFollowsRedisAndTheProcess) {
  for (const Part part : {Part::kGateway, Part::kScheduler, Part::kWorker}) {
    ExpectHealthSoon(part, 0, "");
  }
  stack_->Kill(Part::kRedis);
  ExpectHealthSoon(Part::kGateway, 1, "the job store cannot be reached");
  ExpectHealthSoon(Part::kScheduler, 1, "Redis");
  ExpectHealthSoon(Part::kWorker, 1, "not announced");
  ASSERT_TRUE(stack_->Run(Part::kRedis).ok());
  for (const Part part : {Part::kGateway, Part::kScheduler, Part::kWorker}) {
    ExpectHealthSoon(part, 0, "");
    stack_->Kill(part);
    ExpectHealthSoon(part, 1, "nobody answers");
  }
}

TEST_F(MetricsTest, AHealthCheckWithoutAnAddressSaysWhatItNeeds) {
  const Checked checked = CheckHealth(Part::kWorker, "");
  EXPECT_EQ(checked.exit_status, 1);
  EXPECT_THAT(checked.words, HasSubstr("DARKROOM_METRICS_LISTEN"));
}

// Names, units and types, as Prometheus' own linter wants them, of series that are all there.
TEST_F(MetricsTest, TheTextIsAsPrometheusWantsIt) {
  ExpectPicture(*Generate(PictureRequest(2)));
  Fail(PictureRequest(-1));
  ExpectSoon(Part::kScheduler, {{"darkroom_redis_up", 1}});
  for (const Part part : {Part::kGateway, Part::kScheduler, Part::kWorker}) {
    const std::filesystem::path text = stack_->folder() / "metrics";
    const std::filesystem::path complaints = stack_->folder() / "complaints";
    ASSERT_TRUE(WriteFileAtomically(text, ScrapeOf(part).text()).ok());
    const int status = std::system(absl::StrCat("promtool check metrics < ", text.string(), " > ",
                                                complaints.string(), " 2>&1")
                                       .c_str());
    EXPECT_EQ(status, 0) << ReadFile(complaints, 1 << 20).value_or("promtool left no word");
    EXPECT_TRUE(ScrapeOf(part).Has("darkroom_build_info"));
    EXPECT_GT(ScrapeOf(part).Value("process_resident_memory_bytes").value_or(0), 1e6);
  }
}

TEST_F(MetricsTest, AnAddressThatIsTakenEndsTheProcessWithASentence) {
  absl::StatusOr<cli::ChildProcess> second =
      stack_->StartWorker({"--metrics_listen", stack_->metrics(Part::kWorker).ToString()});
  ASSERT_TRUE(second.ok()) << second.status();
  std::optional<int> ended;
  ASSERT_TRUE(Eventually(kPatience, [&] {
                ended = second->Poll();
                return ended.has_value() ? absl::OkStatus() : absl::UnavailableError("it runs");
              }).ok());
  EXPECT_EQ(WEXITSTATUS(*ended), 1);
  EXPECT_THAT(stack_->Logs(), HasSubstr(absl::StrCat("--metrics_listen: cannot listen on ",
                                                     stack_->metrics(Part::kWorker).ToString())));
}

}  // namespace
}  // namespace darkroom::testing
