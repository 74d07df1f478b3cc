// What the API promises while nothing breaks.

#include <set>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "cli/rpc_status.h"
#include "common/file.h"
#include "common/sha256.h"
#include "tests/integration/png_check.h"
#include "tests/integration/stack_test.h"

namespace darkroom::testing {
namespace {

using ::testing::HasSubstr;

class GenerationTest : public StackTest {};

TEST_F(GenerationTest, GivesPicturesThatDecodeAndCarryTheirParameters) {
  auto request = PictureRequest(4);
  request.mutable_parameters()->set_seed(7);
  request.mutable_parameters()->set_image_count(2);
  const auto recording = Generate(request);
  ExpectPicture(*recording);
  const v1::Job job = recording->end();
  ASSERT_EQ(job.images_size(), 2);
  const std::vector<std::string> images = recording->Images();
  std::set<std::string> pictures;
  for (int i = 0; i < 2; ++i) {
    const v1::Image& image = job.images(i);
    EXPECT_EQ(image.seed(), 7 + i);
    EXPECT_EQ(image.sha256(), Sha256Hex(images[i]));
    const auto png = DecodePng(images[i]);
    ASSERT_TRUE(png.ok()) << png.status();
    EXPECT_EQ(png->width, job.parameters().width());
    EXPECT_EQ(png->height, job.parameters().height());
    EXPECT_EQ(png->parameters, image.infotext());
    EXPECT_THAT(png->parameters, HasSubstr("a red apple"));
    EXPECT_THAT(png->parameters, HasSubstr("Steps: 4"));
    EXPECT_THAT(png->parameters, HasSubstr(absl::StrCat("Seed: ", 7 + i)));
    pictures.insert(png->pixels);
  }
  EXPECT_EQ(pictures.size(), 2u) << "two seeds give two pictures";
}

TEST_F(GenerationTest, TellsEveryStageInOrder) {
  const auto recording = Generate(PictureRequest(12));
  ExpectPicture(*recording);
  const auto& events = recording->events();
  ASSERT_GE(events.size(), 5u);
  EXPECT_TRUE(events.front().has_accepted());
  EXPECT_TRUE(events[1].has_queued());
  EXPECT_TRUE(events.back().has_finished());
  EXPECT_EQ(recording->Count(v1::JobEvent::kStarted), 1);
  EXPECT_GE(recording->Count(v1::JobEvent::kProgress), 1);
  EXPECT_GE(recording->Count(v1::JobEvent::kPreview), 1);
  EXPECT_EQ(recording->Count(v1::JobEvent::kFinished), 1);
  EXPECT_EQ(events.back().sequence(), recording->end().last_sequence());
}

TEST_F(GenerationTest, ResolvesDefaultsSoThatTheSameParametersGiveTheSamePicture) {
  const auto first = Generate(PictureRequest(4));
  ExpectPicture(*first);
  v1::GenerateImageRequest again;
  *again.mutable_parameters() = first->end().parameters();
  EXPECT_GE(again.parameters().seed(), 0);
  const auto second = Generate(again);
  ExpectPicture(*second);
  EXPECT_NE(first->end().name(), second->end().name());
  EXPECT_EQ(first->Images(), second->Images());
}

TEST_F(GenerationTest, RefinesAPictureThatIsSentOrThatAJobHasMade) {
  const auto first = Generate(PictureRequest(4));
  ExpectPicture(*first);
  auto request = PictureRequest(10);
  request.mutable_parameters()->set_seed(5);
  const auto plain = Generate(request);
  ExpectPicture(*plain);
  request.clear_request_id();
  v1::InitImage& image = *request.mutable_parameters()->mutable_init_image();
  image.set_strength(0.35);
  image.set_content(first->Images()[0]);
  const auto sent = Generate(request);
  ExpectPicture(*sent);
  EXPECT_NE(sent->Images(), plain->Images());
  const v1::Job job = sent->end();
  EXPECT_THAT(job.parameters().init_image().name(), ::testing::StartsWith("inputs/"));
  EXPECT_THAT(job.images(0).infotext(), HasSubstr("Steps: 10, "));
  EXPECT_THAT(job.images(0).infotext(), HasSubstr("Denoising strength: 0.35"));

  image.set_name(absl::StrCat(first->end().name(), "/images/0"));
  const auto named = Generate(request);
  ExpectPicture(*named);
  EXPECT_EQ(named->Images(), sent->Images());
  v1::GenerateImageRequest again;
  *again.mutable_parameters() = job.parameters();
  const auto repeated = Generate(again);
  ExpectPicture(*repeated);
  EXPECT_EQ(repeated->Images(), sent->Images());
}

TEST_F(GenerationTest, MakesAPictureOfTheSizeOfTheOneItBeginsWith) {
  auto request = PictureRequest(2);
  request.mutable_parameters()->set_width(96);
  request.mutable_parameters()->set_height(40);
  const auto first = Generate(request);
  ExpectPicture(*first);
  request = PictureRequest(2);
  request.mutable_parameters()->clear_width();
  request.mutable_parameters()->clear_height();
  request.mutable_parameters()->mutable_init_image()->set_content(first->Images()[0]);
  const auto second = Generate(request);
  ExpectPicture(*second);
  EXPECT_EQ(second->end().images(0).width(), 96);
  EXPECT_EQ(second->end().images(0).height(), 40);
}

// The pixel of a picture at a share of its width and height.
std::string PixelAt(const DecodedPng& picture, double x, double y) {
  const auto column = static_cast<int>(x * picture.width);
  const auto row = static_cast<int>(y * picture.height);
  return picture.pixels.substr(std::size_t{3} * (row * picture.width + column), 3);
}

TEST_F(GenerationTest, MakesThePartOfAPictureThatAMaskCovers) {
  const auto first = Generate(PictureRequest(4));
  ExpectPicture(*first);
  const auto before = DecodePng(first->Images()[0]).value();
  auto request = PictureRequest(10);
  request.mutable_parameters()->set_prompt("a green apple");
  v1::InitImage& image = *request.mutable_parameters()->mutable_init_image();
  image.set_content(first->Images()[0]);
  image.set_strength(1);
  // White in a disc a bit right of the middle.
  image.mutable_mask()->set_content(ReadFile("tests/golden/inpainting/disc.png", 1 << 20).value());
  const auto masked = Generate(request);
  ExpectPicture(*masked);
  const auto after = DecodePng(masked->Images()[0]).value();
  EXPECT_EQ(PixelAt(after, 0.05, 0.05), PixelAt(before, 0.05, 0.05));
  EXPECT_EQ(PixelAt(after, 0.9, 0.9), PixelAt(before, 0.9, 0.9));
  EXPECT_NE(PixelAt(after, 0.57, 0.43), PixelAt(before, 0.57, 0.43));
  EXPECT_THAT(after.parameters, HasSubstr("Mask blur: 4"));
  const v1::InitImage used = masked->end().parameters().init_image();
  EXPECT_THAT(used.mask().name(), ::testing::StartsWith("inputs/"));
  request.clear_request_id();
  *request.mutable_parameters() = masked->end().parameters();
  const auto again = Generate(request);
  ExpectPicture(*again);
  EXPECT_EQ(again->Images(), masked->Images());
}

TEST_F(GenerationTest, MakesAPictureLargerOnItsSides) {
  auto request = PictureRequest(4);
  const auto first = Generate(request);
  ExpectPicture(*first);
  const auto before = DecodePng(first->Images()[0]).value();
  request.clear_request_id();
  request.mutable_parameters()->clear_width();
  request.mutable_parameters()->clear_height();
  v1::InitImage& image = *request.mutable_parameters()->mutable_init_image();
  image.set_content(first->Images()[0]);
  image.mutable_extend()->set_left(before.width);
  const auto wide = Generate(request);
  ExpectPicture(*wide);
  const auto after = DecodePng(wide->Images()[0]).value();
  EXPECT_EQ(after.width, 2 * before.width);
  EXPECT_EQ(after.height, before.height);
  EXPECT_EQ(PixelAt(after, 0.95, 0.5), PixelAt(before, 0.9, 0.5));
  EXPECT_THAT(after.parameters, HasSubstr("Outpaint margins: "));
}

TEST_F(GenerationTest, GoesOnAfterPicturesThatAreDamagedOrHostile) {
  const auto first = Generate(PictureRequest(2));
  ExpectPicture(*first);
  const std::string png = first->Images()[0];
  auto request = PictureRequest(2);
  v1::InitImage& image = *request.mutable_parameters()->mutable_init_image();
  for (const std::string& bad : {std::string("no picture"), png.substr(0, 20)}) {
    image.set_content(bad);
    v1::CreateJobRequest create;
    *create.mutable_parameters() = request.parameters();
    const auto job = jobs().Create(create);
    ASSERT_TRUE(absl::IsInvalidArgument(job.status())) << job.status();
    EXPECT_THAT(cli::ErrorText(job.status()), HasSubstr("parameters.init_image.content"));
  }
  image.set_content(png.substr(0, png.size() / 2));
  const auto damaged = Generate(request);
  EXPECT_TRUE(damaged->Join().ok());
  EXPECT_EQ(damaged->end().state(), v1::JOB_STATE_FAILED);
  EXPECT_THAT(damaged->end().error().message(), HasSubstr("init_image is damaged"));
  const auto next = Generate(PictureRequest(2));
  ExpectPicture(*next);
}

TEST_F(GenerationTest, MakesOneJobOfTwoRequestsWithTheSameId) {
  const auto request = PictureRequest(10);
  const auto first = Generate(request);
  const auto second = Generate(request);
  ExpectPicture(*first);
  ExpectPicture(*second);
  EXPECT_EQ(first->end().name(), second->end().name());
  const auto listed = jobs().List({});
  ASSERT_TRUE(listed.ok()) << listed.status();
  EXPECT_EQ(listed->jobs_size(), 1);
}

TEST_F(GenerationTest, NamesEveryWrongFieldOfARequest) {
  v1::CreateJobRequest request;
  request.mutable_parameters()->set_model("models/fake");
  request.mutable_parameters()->set_steps(10'000);
  request.mutable_parameters()->set_width(63);
  request.mutable_parameters()->set_sampler("Eular");
  const auto job = jobs().Create(request);
  ASSERT_TRUE(absl::IsInvalidArgument(job.status())) << job.status();
  const std::string text = cli::ErrorText(job.status());
  EXPECT_THAT(text, HasSubstr("parameters.steps"));
  EXPECT_THAT(text, HasSubstr("parameters.width"));
  EXPECT_THAT(text, HasSubstr("parameters.sampler"));
  EXPECT_THAT(text, HasSubstr("Euler a")) << "the known samplers are named";
}

TEST_F(GenerationTest, StopsARunningJobThatIsCancelled) {
  const auto recording = Generate(PictureRequest(150));
  ASSERT_TRUE(recording->Await(v1::JobEvent::kProgress));
  const auto cancelled = jobs().Cancel(recording->job());
  ASSERT_TRUE(cancelled.ok()) << cancelled.status();
  const absl::Status status = recording->Join();
  ASSERT_TRUE(status.ok()) << status;
  EXPECT_EQ(recording->end().state(), v1::JOB_STATE_CANCELLED);
  EXPECT_TRUE(recording->CheckGapFree().ok()) << recording->CheckGapFree();
  const auto again = jobs().Cancel(recording->end().name());
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ(again->state(), v1::JOB_STATE_CANCELLED);
  // The worker is free again at once.
  const auto next = Generate(PictureRequest(2));
  ExpectPicture(*next);
}

TEST_F(GenerationTest, EndsAJobWhoseDeadlinePasses) {
  cli::JobApi& api = jobs();
  const auto reader = api.Generate(PictureRequest(150), absl::Now() + absl::Seconds(1));
  v1::JobEvent event;
  ASSERT_TRUE(reader->Read(event));
  const std::string name = event.job();
  while (reader->Read(event)) {
  }
  reader->Finish().IgnoreError();
  Recording recording(api, name);
  const absl::Status status = recording.Join();
  ASSERT_TRUE(status.ok()) << status;
  EXPECT_EQ(recording.end().state(), v1::JOB_STATE_EXPIRED);
}

TEST_F(GenerationTest, ServesTwoHundredWatchersOfOneJob) {
  const auto recording = Generate(PictureRequest(40));
  ASSERT_TRUE(recording->Await(v1::JobEvent::kAccepted));
  std::vector<std::unique_ptr<Recording>> watchers;
  for (int i = 0; i < 200; ++i) {
    watchers.push_back(std::make_unique<Recording>(jobs(), recording->job()));
  }
  ExpectPicture(*recording);
  for (const auto& watcher : watchers) {
    ExpectPicture(*watcher);
    EXPECT_EQ(watcher->Images(), recording->Images());
  }
}

TEST_F(GenerationTest, ListsJobsNewestFirstOverPages) {
  std::vector<std::string> names;
  for (int i = 0; i < 3; ++i) {
    v1::CreateJobRequest request;
    *request.mutable_parameters() = PictureRequest(1).parameters();
    const auto job = jobs().Create(request);
    ASSERT_TRUE(job.ok()) << job.status();
    names.insert(names.begin(), job->name());
  }
  std::vector<std::string> listed;
  v1::ListJobsRequest request;
  request.set_page_size(2);
  do {
    const auto page = jobs().List(request);
    ASSERT_TRUE(page.ok()) << page.status();
    ASSERT_LE(page->jobs_size(), 2);
    for (const v1::Job& job : page->jobs()) listed.push_back(job.name());
    request.set_page_token(page->next_page_token());
  } while (!request.page_token().empty());
  EXPECT_EQ(listed, names);
}

TEST_F(GenerationTest, DoesNotFindAJobThatNeverWas) {
  const auto job = jobs().Get("jobs/0123456789abcdef0123456789abcdef");
  EXPECT_TRUE(absl::IsNotFound(job.status())) << job.status();
  EXPECT_TRUE(absl::IsNotFound(stack_->connection().GetModel("nothing").status()));
}

}  // namespace
}  // namespace darkroom::testing
