#include "cli/job_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "google/rpc/error_details.pb.h"

namespace darkroom::cli {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

TEST(JobTextTest, AlignsColumnsByCharactersNotBytes) {
  EXPECT_EQ(TableText({{"A", "B"}, {"äöü", "x"}, {"long", ""}}),
            "A     B\n"
            "äöü   x\n"
            "long");
}

TEST(JobTextTest, ShortensAtWholeCharactersAndKeepsControlCharactersOut) {
  EXPECT_EQ(Shortened("a red apple", 11), "a red apple");
  EXPECT_EQ(Shortened("a red apple", 9), "a red …");
  EXPECT_EQ(Shortened("äöüäöü", 8), "äö…");
  EXPECT_EQ(Shortened("a\x1b[2Jb\nc", 20), "a [2Jb c");
}

TEST(JobTextTest, PutsAJobAndItsFilesIntoOneJsonObject) {
  darkroom::v1::Job job;
  job.set_name("jobs/1");
  job.set_state(darkroom::v1::JOB_STATE_SUCCEEDED);
  const std::string json = JobJson(job, {"a \"b\".png"});
  EXPECT_THAT(json, HasSubstr("\"name\": \"jobs/1\""));
  EXPECT_THAT(json, HasSubstr("\"JOB_STATE_SUCCEEDED\""));
  EXPECT_THAT(json, HasSubstr("\"files\": [\"a \\\"b\\\".png\"]"));
}

TEST(JobTextTest, TheTraceOfAJobIsPartOfItsJsonWhereItIsKnown) {
  EXPECT_THAT(JobJson({}, {}, "4bf92f3577b34da6a3ce929d0e0e4736"),
              HasSubstr("\"files\": [],\n\"trace_id\": \"4bf92f3577b34da6a3ce929d0e0e4736\"\n}"));
  EXPECT_THAT(JobJson({}, {}), ::testing::Not(HasSubstr("trace_id")));
}

TEST(JobTextTest, ShowsWhyAJobFailed) {
  darkroom::v1::Job job;
  job.set_name("jobs/1");
  job.set_state(darkroom::v1::JOB_STATE_FAILED);
  job.mutable_error()->set_message("its worker was lost twice");
  google::rpc::ErrorInfo info;
  info.set_reason("WORKER_LOST");
  job.mutable_error()->add_details()->PackFrom(info);
  EXPECT_THAT(JobText(job), HasSubstr("state: failed\n"));
  EXPECT_THAT(JobText(job), HasSubstr("error: its worker was lost twice\n  reason: WORKER_LOST\n"));
  EXPECT_THAT(ToJson(job), HasSubstr("WORKER_LOST"));
  EXPECT_EQ(ExitCodeOf(job), ExitCode::kJobFailed);
}

TEST(JobTextTest, OfAPictureThatIsOnlyEnlargedItSaysHow) {
  darkroom::v1::Job job;
  job.set_name("jobs/1");
  darkroom::v1::ImageParameters& parameters = *job.mutable_parameters();
  parameters.mutable_init_image()->set_name("inputs/a");
  darkroom::v1::Upscale& upscale = *parameters.mutable_upscale();
  upscale.set_scale(2.5);
  upscale.set_upscaler("Lanczos");
  EXPECT_THAT(JobText(job), HasSubstr("picture: inputs/a\n"));
  EXPECT_THAT(JobText(job), HasSubstr("upscale: 2.5 times\nupscaler: Lanczos\n"));
  EXPECT_THAT(JobText(job), ::testing::Not(HasSubstr("seed")));
  upscale.clear_scale();
  upscale.set_width(640);
  upscale.set_height(480);
  upscale.set_crop(true);
  upscale.set_second_upscaler("Nearest");
  upscale.set_second_visibility(0.25);
  EXPECT_THAT(JobText(job), HasSubstr("upscale: to 640x480, cropped\n"));
  EXPECT_THAT(JobText(job), HasSubstr("upscaler 2: Nearest, visible to 0.25\n"));
}

TEST(JobTextTest, OfAJobThatWasOnlyForeseenItSaysCostAndWait) {
  darkroom::v1::Job job;
  job.mutable_predicted_device_time()->set_seconds(3);
  job.mutable_predicted_device_time()->set_nanos(250'000'000);
  job.set_queue_position(4);
  job.mutable_parameters()->set_prompt("a boat");
  EXPECT_THAT(JobText(job), StartsWith("device time: 3.2 s\nwait: not known"));
  job.mutable_estimated_wait()->set_seconds(75);
  EXPECT_THAT(JobText(job), HasSubstr("\nwait: 1:15\njobs ahead: 4\nprompt: a boat\n"));
  EXPECT_THAT(JobText(job), ::testing::Not(HasSubstr("created")));
}

TEST(JobTextTest, AQueuedJobTellsItsWait) {
  darkroom::v1::Job job;
  job.set_name("jobs/1");
  job.set_state(darkroom::v1::JOB_STATE_QUEUED);
  job.set_queue_position(2);
  job.mutable_estimated_wait()->set_seconds(9);
  EXPECT_THAT(JobText(job), HasSubstr("state: queued\nwait: 0:09\njobs ahead: 2\n"));
}

TEST(JobTextTest, CountsOnlyEndsWithoutPicturesAsFailures) {
  darkroom::v1::Job job;
  for (const auto state : {darkroom::v1::JOB_STATE_QUEUED, darkroom::v1::JOB_STATE_RUNNING,
                           darkroom::v1::JOB_STATE_SUCCEEDED}) {
    job.set_state(state);
    EXPECT_EQ(ExitCodeOf(job), ExitCode::kDone) << StateText(state);
  }
  for (const auto state : {darkroom::v1::JOB_STATE_CANCELLED, darkroom::v1::JOB_STATE_EXPIRED}) {
    job.set_state(state);
    EXPECT_EQ(ExitCodeOf(job), ExitCode::kJobFailed) << StateText(state);
  }
}

}  // namespace
}  // namespace darkroom::cli
