// The `darkroom` program against a real server, as a script would use it.

#include <fstream>

#include "absl/strings/str_cat.h"
#include "tests/integration/command_run.h"
#include "tests/integration/png_check.h"
#include "tests/integration/stack_test.h"

namespace darkroom::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::SizeIs;
using ::testing::StartsWith;

class CommandTest : public StackTest {
 protected:
  CommandRun Darkroom(const std::string& arguments) {
    return CommandRun(stack_->folder(), absl::StrCat(arguments, " --server ", stack_->address()));
  }

  // There are so many jobs, and all end cancelled.
  void ExpectAllCancelled(int count) {
    const auto listed = jobs().List({});
    ASSERT_TRUE(listed.ok()) << listed.status();
    ASSERT_EQ(listed->jobs_size(), count);
    for (const v1::Job& job : listed->jobs()) {
      Recording recording(jobs(), job.name());
      ASSERT_TRUE(recording.Join().ok());
      EXPECT_EQ(recording.end().state(), v1::JOB_STATE_CANCELLED);
    }
  }
};

TEST_F(CommandTest, GeneratesPicturesIntoFiles) {
  CommandRun run = Darkroom("generate 'a red apple' --seed 7 --steps 3 --count 2 --out pictures");
  ASSERT_EQ(run.Join(), 0) << run.err();
  EXPECT_EQ(run.out(), "pictures/darkroom-7.png\npictures/darkroom-8.png\n");
  EXPECT_THAT(run.err(), HasSubstr("seeds 7, 8, jobs/"));
  const auto png = DecodePng(Content(stack_->folder() / "pictures/darkroom-7.png"));
  ASSERT_TRUE(png.ok()) << png.status();
  EXPECT_THAT(png->parameters, HasSubstr("Seed: 7"));
}

TEST_F(CommandTest, LoadAsksForPicturesAndSaysHowLongTheyTook) {
  const std::string load = "load --rate 10 --duration 2s --seed 3 --kind '3 steps=1' --kind ";
  CommandRun run = Darkroom(absl::StrCat(load, "'1 steps=2 count=2'"));
  ASSERT_EQ(run.Join(), 0) << run.err();
  EXPECT_THAT(run.out(), HasSubstr("3 steps=1"));
  EXPECT_THAT(run.out(), HasSubstr("1 steps=2 count=2"));
  EXPECT_THAT(run.out(), HasSubstr("jobs were asked for"));
  EXPECT_THAT(run.out(), Not(HasSubstr("Others:"))) << "all succeed";
  EXPECT_THAT(run.out(), HasSubstr(" s  #"));
  CommandRun refused = Darkroom(absl::StrCat(load, "'1 steps=0'"));
  ASSERT_EQ(refused.Join(), 0) << refused.err();
  EXPECT_THAT(refused.out(), HasSubstr(" refused INVALID_REQUEST\n"));
}

TEST_F(CommandTest, ADryRunTellsCostAndWaitAndMakesNothing) {
  CommandRun dry = Darkroom("generate 'a red apple' --seed 7 --steps 9 --dry_run");
  ASSERT_EQ(dry.Join(), 0) << dry.err();
  EXPECT_THAT(dry.out(), StartsWith("device time: "));
  EXPECT_THAT(dry.out(), HasSubstr("\njobs ahead: 0\nprompt: a red apple\n"));
  EXPECT_THAT(dry.out(), HasSubstr("\nsteps: 9\n"));
  CommandRun json = Darkroom("generate 'a red apple' --dry_run --json");
  ASSERT_EQ(json.Join(), 0) << json.err();
  EXPECT_THAT(json.out(), HasSubstr("\"predicted_device_time\": \""));
  EXPECT_THAT(json.out(), HasSubstr("\"name\": \"\""));
  CommandRun refused = Darkroom("generate 'a red apple' --steps 0 --dry_run");
  EXPECT_EQ(refused.Join(), 3);
  EXPECT_THAT(refused.err(), HasSubstr("parameters.steps"));
  ExpectAllCancelled(0);
}

TEST_F(CommandTest, WhatAStepTakesIsLearntFromTheWorkerByShapeAndRows) {
  CommandRun run = Darkroom("generate 'a red apple' --steps 5 --width 128 --height 64 --out a.png");
  ASSERT_EQ(run.Join(), 0) << run.err();
  const auto known = [this]() -> absl::Status {
    const auto model = stack_->connection().GetModel("fake");
    if (!model.ok()) return model.status();
    for (const v1::MeasuredCost& cost : model->step_costs()) {
      // The fake worker sleeps for a step's time.
      const bool is_it = cost.width() == 128 && cost.height() == 64 && cost.rows() == 2 &&
                         cost.milliseconds() >= absl::ToDoubleMilliseconds(step_);
      if (is_it) return absl::OkStatus();
    }
    return absl::UnavailableError("not known yet");
  };
  EXPECT_TRUE(Eventually(absl::Seconds(60), known).ok());
}

TEST_F(CommandTest, FetchesAndListsWhatWasMade) {
  CommandRun generate =
      Darkroom("generate 'a red apple' --seed 7 --steps 3 --out first.png --json");
  ASSERT_EQ(generate.Join(), 0) << generate.err();
  EXPECT_THAT(generate.out(), HasSubstr("\"files\": [\"first.png\"]"));
  CommandRun list = Darkroom("list");
  ASSERT_EQ(list.Join(), 0) << list.err();
  ASSERT_THAT(list.lines(), SizeIs(2)) << "a heading and the job";
  EXPECT_THAT(list.lines()[1], HasSubstr("succeeded"));
  EXPECT_THAT(list.lines()[1], EndsWith("a red apple"));
  const std::string job = list.lines()[1].substr(0, list.lines()[1].find(' '));
  CommandRun get = Darkroom(absl::StrCat("get ", job, " --out second.png"));
  ASSERT_EQ(get.Join(), 0) << get.err();
  EXPECT_EQ(Content(stack_->folder() / "first.png"), Content(stack_->folder() / "second.png"));
  CommandRun watch = Darkroom(absl::StrCat("watch ", job));
  EXPECT_EQ(watch.Join(), 0) << watch.err();
  EXPECT_EQ(watch.out(), "succeeded\n");
  CommandRun models = Darkroom("models fake");
  EXPECT_EQ(models.Join(), 0) << models.err();
  EXPECT_THAT(models.out(), HasSubstr("workers: 1"));
}

TEST_F(CommandTest, ListsAdaptersAndIsRefusedUnknownOnes) {
  CommandRun none = Darkroom("adapters fake");
  EXPECT_EQ(none.Join(), 0) << none.err();
  EXPECT_THAT(none.err(), HasSubstr("no LoRAs and embeddings"));
  CommandRun other = Darkroom("adapters other --json");
  EXPECT_EQ(other.Join(), 3);
  EXPECT_THAT(other.err(), HasSubstr("\"fake\""));
  CommandRun refused = Darkroom("generate 'a cat <lora:detail:0.7>'");
  EXPECT_EQ(refused.Join(), 3);
  EXPECT_THAT(refused.err(), HasSubstr("parameters.prompt"));
}

TEST_F(CommandTest, RefinesAPictureOfAFileAndOfAJob) {
  CommandRun first = Darkroom("generate 'a red apple' --seed 7 --steps 3 --out first.png --json");
  ASSERT_EQ(first.Join(), 0) << first.err();
  const std::string options = " --seed 8 --steps 10 --strength 0.5";
  CommandRun sent = Darkroom(
      absl::StrCat("generate 'a green apple' --init_image first.png --out sent.png", options));
  ASSERT_EQ(sent.Join(), 0) << sent.err();
  const std::string out = first.out();
  const std::string job = out.substr(out.find("jobs/"), 37);
  CommandRun named = Darkroom(
      absl::StrCat("generate 'a green apple' --init-image ", job, " --out named.png", options));
  ASSERT_EQ(named.Join(), 0) << named.err();
  EXPECT_EQ(Content(stack_->folder() / "sent.png"), Content(stack_->folder() / "named.png"));
  CommandRun missing = Darkroom("generate x --init_image no/such.png");
  EXPECT_NE(missing.Join(), 0);
  EXPECT_THAT(missing.err(), HasSubstr("no/such.png"));
  // Its picture is needed again.
  CommandRun restored = Darkroom("generate --from sent.png");
  EXPECT_EQ(restored.Join(), 3);
  EXPECT_THAT(restored.err(), HasSubstr("parameters.init_image"));
  CommandRun again = Darkroom("generate --from sent.png --init_image first.png --out again.png");
  ASSERT_EQ(again.Join(), 0) << again.err();
  EXPECT_EQ(Content(stack_->folder() / "sent.png"), Content(stack_->folder() / "again.png"));
}

TEST_F(CommandTest, SaysWhatIsWrongWithARequest) {
  CommandRun run = Darkroom("generate x --steps 10000 --width 63");
  EXPECT_EQ(run.Join(), 3);
  EXPECT_EQ(run.out(), "");
  EXPECT_THAT(run.err(), HasSubstr("parameters.steps"));
  EXPECT_THAT(run.err(), HasSubstr("parameters.width"));
}

TEST_F(CommandTest, CancelsTheJobOnInterrupt) {
  CommandRun run = Darkroom("generate x --steps 150 --request_id mine");
  ASSERT_TRUE(run.AwaitError("starting")) << run.err();
  run.Interrupt();
  EXPECT_EQ(run.Join(), 130) << run.err();
  EXPECT_EQ(run.out(), "");
  EXPECT_THAT(run.err(), HasSubstr("cancelled jobs/"));
  ExpectAllCancelled(1);
  const auto listed = jobs().List({});
  ASSERT_TRUE(listed.ok()) << listed.status();
  CommandRun get = Darkroom(absl::StrCat("get ", listed->jobs(0).name()));
  EXPECT_EQ(get.Join(), 5);
  EXPECT_THAT(get.out(), HasSubstr("state: cancelled"));
}

TEST_F(CommandTest, ExplainsAPrompt) {
  CommandRun run =
      Darkroom("explain '[a:b:0.5] (x:1.5) AND y :0.25' --negative z --steps 10 --sampler Euler");
  ASSERT_EQ(run.Join(), 0) << run.err();
  EXPECT_EQ(run.out(),
            "models/fake, Euler, Karras, 10 steps\n"
            "\n"
            "Prompt\n"
            "├─ part 1\n"
            "│  ├─ steps 1-6: a (x:1.5)\n"
            "│  │  └─ 2 of 75 tokens\n"
            "│  │        a  x×1.5\n"
            "│  └─ steps 7-10: b (x:1.5)\n"
            "│     └─ 2 of 75 tokens\n"
            "│           b  x×1.5\n"
            "└─ part 2×0.25\n"
            "   └─ y\n"
            "      └─ 1 of 75 tokens\n"
            "            y\n"
            "\n"
            "Negative prompt\n"
            "└─ z\n"
            "   └─ 1 of 75 tokens\n"
            "         z\n");
  CommandRun json = Darkroom("explain x --steps 10 --json");
  ASSERT_EQ(json.Join(), 0) << json.err();
  EXPECT_THAT(json.out(), HasSubstr("\"denoiser_calls\": 10"));
  CommandRun wrong = Darkroom("explain x --style none-such");
  EXPECT_EQ(wrong.Join(), 3);
  EXPECT_THAT(wrong.err(), HasSubstr("parameters.styles"));
}

TEST_F(CommandTest, MakesThePictureOfAFileAgain) {
  CommandRun first = Darkroom(
      "generate 'a red apple' --negative blur --seed 7 --steps 3 --guidance 4.5 --sampler "
      "DDIM --clip_skip 2 --noise CPU --out first.png");
  ASSERT_EQ(first.Join(), 0) << first.err();
  const std::string picture = Content(stack_->folder() / "first.png");
  CommandRun again = Darkroom("generate --from first.png --out again.png");
  ASSERT_EQ(again.Join(), 0) << again.err();
  EXPECT_EQ(Content(stack_->folder() / "again.png"), picture);
  CommandRun stdin_run = Darkroom("generate --from - --out stdin.png <first.png");
  ASSERT_EQ(stdin_run.Join(), 0) << stdin_run.err();
  EXPECT_EQ(Content(stack_->folder() / "stdin.png"), picture);
  CommandRun changed = Darkroom("generate 'a pear' --from first.png --steps 4 --out changed.png");
  ASSERT_EQ(changed.Join(), 0) << changed.err();
  const auto png = DecodePng(Content(stack_->folder() / "changed.png"));
  ASSERT_TRUE(png.ok()) << png.status();
  EXPECT_THAT(png->parameters,
              StartsWith("a pear\nNegative prompt: blur\nSteps: 4, Sampler: DDIM"));
  EXPECT_THAT(png->parameters, HasSubstr("Seed: 7"));
}

TEST_F(CommandTest, TellsWhatOfAFileIsNotKnownHere) {
  std::ofstream(stack_->folder() / "theirs.txt")
      << "a red apple\nSteps: 3, Sampler: Euler, Seed: 9, Size: 64x64, Hires upscaler: Latent\n";
  CommandRun run = Darkroom("generate --from theirs.txt --out picture.png");
  ASSERT_EQ(run.Join(), 0) << run.err();
  EXPECT_THAT(run.err(), HasSubstr("note: "));
  EXPECT_THAT(run.err(), HasSubstr("Hires upscaler"));
  EXPECT_THAT(run.err(), HasSubstr("seed 9"));
}

TEST_F(CommandTest, MakesAPictureLarger) {
  CommandRun first = Darkroom("generate 'a red apple' --seed 7 --steps 3 --out first.png");
  ASSERT_EQ(first.Join(), 0) << first.err();
  CommandRun run = Darkroom("upscale first.png --scale 1.5 --upscaler nearest");
  ASSERT_EQ(run.Join(), 0) << run.err();
  EXPECT_EQ(run.out(), "first-upscaled.png\n");
  EXPECT_THAT(run.err(), HasSubstr("96x96, jobs/"));
  const auto png = DecodePng(Content(stack_->folder() / "first-upscaled.png"));
  ASSERT_TRUE(png.ok()) << png.status();
  EXPECT_EQ(png->width, 96);
  EXPECT_THAT(png->parameters, StartsWith("a red apple\nSteps: 3, "));
  EXPECT_THAT(png->parameters,
              EndsWith(", Postprocess upscale by: 1.5, Postprocess upscaler: Nearest"));
  CommandRun again = Darkroom("generate --from first-upscaled.png --out again.png");
  ASSERT_EQ(again.Join(), 0) << again.err();
  EXPECT_THAT(again.err(), HasSubstr("`darkroom upscale` does it"));
  EXPECT_EQ(Content(stack_->folder() / "again.png"), Content(stack_->folder() / "first.png"));
  CommandRun refused = Darkroom("upscale first.png --scale 9 --upscaler Waifu");
  EXPECT_EQ(refused.Join(), 3);
  EXPECT_THAT(refused.err(), HasSubstr("parameters.upscale.scale"));
  EXPECT_THAT(refused.err(), HasSubstr("parameters.upscale.upscaler"));
}

TEST_F(CommandTest, SaysWhatIsWrongWithAFile) {
  CommandRun missing = Darkroom("generate --from missing.png");
  EXPECT_EQ(missing.Join(), 1);
  EXPECT_THAT(missing.err(), HasSubstr("cannot open missing.png"));
  CommandRun neither = Darkroom("generate");
  EXPECT_EQ(neither.Join(), 2);
  EXPECT_THAT(neither.err(), HasSubstr("generate needs PROMPT or --from FILE"));
}

TEST_F(CommandTest, DrawsAGridOfEveryCombination) {
  CommandRun run = Darkroom(
      "grid 'a red apple' --x steps=2,3 --y sampler=Euler,DDIM --seed 7 --out grid.png --cells "
      "cells");
  ASSERT_EQ(run.Join(), 0) << run.err();
  EXPECT_THAT(run.lines(), ElementsAre("grid.png", "cells/y1-x1.png", "cells/y1-x2.png",
                                       "cells/y2-x1.png", "cells/y2-x2.png"));
  const auto cell = DecodePng(Content(stack_->folder() / "cells/y2-x1.png"));
  const auto grid = DecodePng(Content(stack_->folder() / "grid.png"));
  ASSERT_TRUE(cell.ok()) << cell.status();
  ASSERT_TRUE(grid.ok()) << grid.status();
  EXPECT_GT(grid->width, 2 * cell->width);
  EXPECT_GT(grid->height, 2 * cell->height);
  EXPECT_THAT(grid->parameters, StartsWith("a red apple\nSteps: 2, Sampler: Euler"));
  EXPECT_THAT(grid->parameters, HasSubstr("Script: X/Y/Z plot, X Type: Steps, X Values: \"2,3\""));
  CommandRun alone =
      Darkroom("generate 'a red apple' --steps 2 --sampler DDIM --seed 7 --out alone.png");
  ASSERT_EQ(alone.Join(), 0) << alone.err();
  EXPECT_EQ(Content(stack_->folder() / "alone.png"), Content(stack_->folder() / "cells/y2-x1.png"));
}

TEST_F(CommandTest, DrawsAGridAgain) {
  CommandRun run = Darkroom("grid 'a red apple' --x seed=-1,5 --y 'prompt=apple,pear' --steps 2");
  ASSERT_EQ(run.Join(), 0) << run.err();
  CommandRun again = Darkroom("grid --from grid.png");
  ASSERT_EQ(again.Join(), 0) << again.err();
  EXPECT_EQ(again.out(), "grid-2.png\n");
  EXPECT_THAT(again.err(), Not(HasSubstr("note")));
  const auto first = DecodePng(Content(stack_->folder() / "grid.png"));
  const auto second = DecodePng(Content(stack_->folder() / "grid-2.png"));
  ASSERT_TRUE(first.ok() && second.ok());
  EXPECT_EQ(first->pixels, second->pixels);
}

TEST_F(CommandTest, RefusesAGridWithACellThatCannotBe) {
  CommandRun run = Darkroom("grid x --x steps=150,1000");
  EXPECT_EQ(run.Join(), 3);
  EXPECT_EQ(run.out(), "");
  EXPECT_THAT(run.err(), HasSubstr("parameters.steps"));
  EXPECT_THAT(run.err(), HasSubstr("the cell: Steps: 1000"));
  ExpectAllCancelled(1);
}

TEST_F(CommandTest, LeavesTheCellOfAFailedJobEmpty) {
  CommandRun run = Darkroom("grid x --x steps=2,150 --out grid.png");
  ASSERT_TRUE(run.AwaitError("0 of 2 pictures\n")) << run.err();
  const auto listed = jobs().List({});
  ASSERT_TRUE(listed.ok()) << listed.status();
  ASSERT_EQ(listed->jobs(0).parameters().steps(), 150);
  ASSERT_TRUE(jobs().Cancel(listed->jobs(0).name()).ok());
  EXPECT_EQ(run.Join(), 5);
  EXPECT_EQ(run.out(), "grid.png\n");
  EXPECT_THAT(run.err(), HasSubstr("Steps: 150: the job is cancelled"));
  EXPECT_TRUE(DecodePng(Content(stack_->folder() / "grid.png")).ok());
}

TEST_F(CommandTest, CancelsAllJobsOfAGridOnInterrupt) {
  CommandRun run = Darkroom("grid x --x seed=1-3 --steps 150");
  ASSERT_TRUE(run.AwaitError("0 of 3 pictures\n")) << run.err();
  run.Interrupt();
  EXPECT_EQ(run.Join(), 130) << run.err();
  EXPECT_EQ(run.out(), "");
  EXPECT_THAT(run.err(), HasSubstr("interrupted; cancelled 3 jobs"));
  ExpectAllCancelled(3);
}

}  // namespace
}  // namespace darkroom::testing
