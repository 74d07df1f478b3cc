// The `darkroom` program against a real server, as a script would use it.

#include <signal.h>
#include <sys/wait.h>

#include <fstream>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "cli/up/supervisor.h"
#include "common/file.h"
#include "common/ids.h"
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

constexpr absl::Duration kPatience = absl::Seconds(60);

std::string Content(const std::filesystem::path& path) {
  return ReadFile(path, 1 << 24).value_or("");
}

// One run of the program; its streams go into files of `folder`.
class CommandRun {
 public:
  CommandRun(const std::filesystem::path& folder, const std::string& arguments)
      : out_(folder / absl::StrCat("out-", RandomId())),
        err_(folder / absl::StrCat("err-", RandomId())),
        child_(cli::ChildProcess::Start({"darkroom",
                                         {"/bin/sh", "-c",
                                          absl::StrCat("cd ", folder.string(), " && exec ",
                                                       (ProgramFolder() / "darkroom").string(), " ",
                                                       arguments, " >", out_.string())},
                                         err_})) {}

  // Blocks until it ends; 128 + N for a signal N, -1 when it could not be started or hangs.
  int Join() {
    if (!child_.ok()) return -1;
    const absl::Time last = absl::Now() + kPatience;
    std::optional<int> status;
    while (!status.has_value() && absl::Now() < last) {
      status = child_->Poll();
      absl::SleepFor(absl::Milliseconds(10));
    }
    if (!status.has_value()) return -1;
    return WIFEXITED(*status) ? WEXITSTATUS(*status) : 128 + WTERMSIG(*status);
  }
  void Interrupt() { child_->Signal(SIGINT); }
  // Blocks until stderr holds the text.
  bool AwaitError(const std::string& text) {
    return Eventually(kPatience,
                      [&] {
                        return err().find(text) == std::string::npos ? absl::UnavailableError(err())
                                                                     : absl::OkStatus();
                      })
        .ok();
  }
  std::string out() const { return Content(out_); }
  std::string err() const { return Content(err_); }
  std::vector<std::string> lines() const { return absl::StrSplit(out(), '\n', absl::SkipEmpty()); }

 private:
  std::filesystem::path out_;
  std::filesystem::path err_;
  absl::StatusOr<cli::ChildProcess> child_;
};

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

class UpTest : public ::testing::Test {
 protected:
  UpTest() : folder_(std::filesystem::temp_directory_path() / absl::StrCat("up-", RandomId())) {
    std::filesystem::create_directories(folder_);
  }
  ~UpTest() override { std::filesystem::remove_all(folder_); }

  CommandRun Up(const std::string& arguments) {
    return CommandRun(folder_,
                      absl::StrCat("up --data_dir data --listen 127.0.0.1:0 --worker_binary ",
                                   (ProgramFolder() / "darkroom-fake-worker").string(),
                                   " --worker_argument=--fake_row_ms=10 ", arguments));
  }

  const std::filesystem::path folder_;
};

TEST_F(UpTest, MakesOnePictureAndLeavesNothingRunning) {
  CommandRun up = Up("--generate 'a red apple' --once --seed 7 --steps 3");
  ASSERT_EQ(up.Join(), 0) << up.err();
  EXPECT_EQ(up.out(), "darkroom-7.png\n");
  EXPECT_TRUE(DecodePng(Content(folder_ / "darkroom-7.png")).ok());
  // The data folder is free again, and the next run finds the jobs of the first.
  CommandRun again = Up("--generate 'a red apple' --once --seed 7 --steps 3");
  ASSERT_EQ(again.Join(), 0) << again.err();
  EXPECT_EQ(again.out(), "darkroom-7-2.png\n");
  EXPECT_EQ(Content(folder_ / "darkroom-7.png"), Content(folder_ / "darkroom-7-2.png"));
}

TEST_F(UpTest, AppliesTheStylesOfAFile) {
  std::ofstream(folder_ / "styles.csv") << "name,prompt,negative_prompt\nink,ink drawing,colour\n";
  CommandRun up =
      Up("--styles styles.csv --generate 'a boat' --style ink --once --steps 3 --out x.png");
  ASSERT_EQ(up.Join(), 0) << up.err();
  const auto png = DecodePng(Content(folder_ / "x.png"));
  ASSERT_TRUE(png.ok()) << png.status();
  EXPECT_THAT(png->parameters, StartsWith("a boat, ink drawing\nNegative prompt: colour\n"));
}

TEST_F(UpTest, MissesAStyleFileBeforeItStartsAnything) {
  CommandRun up = Up("--styles none.csv");
  EXPECT_EQ(up.Join(), 1);
  EXPECT_EQ(up.err(),
            "Starting Darkroom\ndarkroom: cannot open none.csv: No such file or directory\n");
}

TEST_F(UpTest, StaysUpUntilItIsInterruptedAndRefusesASecondOne) {
  CommandRun up = Up("");
  ASSERT_TRUE(up.AwaitError("Darkroom is up")) << up.err();
  CommandRun second = Up("");
  EXPECT_EQ(second.Join(), 1);
  EXPECT_THAT(second.err(), HasSubstr("another `darkroom up` uses"));
  up.Interrupt();
  EXPECT_EQ(up.Join(), 0) << up.err();
  EXPECT_THAT(up.err(), HasSubstr("Stopping Darkroom"));
}

TEST_F(UpTest, ShowsTheLogOfAProgramThatKeepsEnding) {
  std::ofstream(folder_ / "broken") << "#!/bin/sh\necho the model is damaged >&2\nexit 3\n";
  std::filesystem::permissions(folder_ / "broken", std::filesystem::perms::owner_all);
  CommandRun up(folder_, "up --data_dir data --listen 127.0.0.1:0 --worker_binary ./broken");
  EXPECT_EQ(up.Join(), 1);
  EXPECT_THAT(up.err(), HasSubstr("the worker keeps ending, at last with exit status 3"));
  EXPECT_THAT(up.err(), HasSubstr("the model is damaged"));
}

class ConvertTest : public ::testing::Test {
 protected:
  ConvertTest() : folder_(std::filesystem::temp_directory_path() / absl::StrCat("c-", RandomId())) {
    std::filesystem::create_directories(folder_);
  }
  ~ConvertTest() override { std::filesystem::remove_all(folder_); }

  // `darkroom convert` of a copy of a file of the corpus.
  CommandRun Convert(const std::string& file, const std::string& options = "") {
    std::filesystem::copy_file("tests/convert/corpus/" + file, folder_ / "model.ckpt",
                               std::filesystem::copy_options::overwrite_existing);
    return CommandRun(folder_, absl::StrCat("convert model.ckpt ", options));
  }

  const std::filesystem::path folder_;
};

TEST_F(ConvertTest, WritesSafetensorsBesideTheCheckpoint) {
  CommandRun run = Convert("honest/lightning.ckpt");
  ASSERT_EQ(run.Join(), 0) << run.err();
  EXPECT_EQ(run.out(), "model.safetensors\n");
  EXPECT_THAT(run.err(), HasSubstr("skipped \"optimizer_states\": a list of 1\n"));
  EXPECT_THAT(run.err(), HasSubstr("2 tensors out of \"state_dict\", "));
  EXPECT_EQ(Content(folder_ / "model.safetensors"),
            Content("tests/convert/corpus/honest/lightning.safetensors"));
}

TEST_F(ConvertTest, OverwritesOnlyWhenToldTo) {
  std::ofstream(folder_ / "other") << "precious";
  CommandRun run = Convert("honest/bare_tensor.ckpt", "--out other");
  EXPECT_EQ(run.Join(), 1);
  EXPECT_EQ(run.out(), "");
  EXPECT_EQ(run.err(), "darkroom: other exists already; --replace overwrites it\n");
  EXPECT_EQ(Content(folder_ / "other"), "precious");
  CommandRun again = Convert("honest/bare_tensor.ckpt", "--out other --replace --json");
  ASSERT_EQ(again.Join(), 0) << again.err();
  EXPECT_THAT(again.out(), StartsWith("{\"file\": \"other\", \"tensors\": 1, \"bytes\": "));
}

TEST_F(ConvertTest, RefusesAPickleThatRunsPrograms) {
  CommandRun run = Convert("hostile/global_posix_system.ckpt");
  EXPECT_EQ(run.Join(), 1);
  EXPECT_EQ(run.out(), "");
  EXPECT_EQ(
      run.err(),
      "darkroom: model.ckpt is not converted: the global \"system\" of module \"posix\" at "
      "byte 2 of \"archive/data.pkl\" is none that tensors need; nothing of it was executed\n");
  EXPECT_FALSE(std::filesystem::exists(folder_ / "model.safetensors"));
}

TEST_F(ConvertTest, NamesAFileThatIsMissing) {
  CommandRun run(folder_, "convert none.ckpt");
  EXPECT_EQ(run.Join(), 1);
  EXPECT_EQ(run.err(),
            "darkroom: none.ckpt is not converted: it cannot be opened: No such file or "
            "directory\n");
  CommandRun pipe(folder_, "convert /dev/null");
  EXPECT_EQ(pipe.Join(), 1);
  EXPECT_THAT(pipe.err(), HasSubstr("it is no regular file"));
}

}  // namespace
}  // namespace darkroom::testing
