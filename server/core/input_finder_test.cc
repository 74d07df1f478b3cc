#include "server/core/input_finder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "server/core/resource_name.h"
#include "server/core/within.h"
#include "server/testing/flaky_store.h"
#include "server/testing/manual_loop.h"
#include "server/testing/puppet_worker.h"

namespace darkroom::server {
namespace {

using testing::HasSubstr;

// The beginning of a PNG file of 24 x 16 pixels, which is all that is looked at.
const std::string kPng("\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR\0\0\0\x18\0\0\0\x10\x08\x02\0\0\0", 29);

class InputFinderTest : public testing::Test {
 protected:
  absl::StatusOr<InputFinder::Answer> Find(const darkroom::v1::InitImage& image,
                                           const std::string& tenant = "alice") {
    absl::StatusOr<InputFinder::Answer> found = absl::UnknownError("no answer");
    finder_->Find(tenant, image, [&found](auto answer) { found = std::move(answer); });
    loop_.Advance(kStoreTimeout);
    return found;
  }
  absl::StatusOr<InputFinder::Answer> FindNamed(const std::string& name,
                                                const std::string& tenant = "alice") {
    darkroom::v1::InitImage image;
    image.set_name(name);
    return Find(image, tenant);
  }
  // The only violation.
  static FieldViolation ViolationOf(const absl::StatusOr<InputFinder::Answer>& answer) {
    EXPECT_TRUE(answer.ok()) << answer.status();
    if (!answer.ok() || answer->violations.size() != 1) return {};
    EXPECT_FALSE(answer->picture.has_value());
    return answer->violations[0];
  }

  // Name of a job of alice's that a worker has.
  std::string LeaseJob() {
    scheduler::Submission submission;
    submission.id = std::string(32, 'b');
    submission.tenant = "alice";
    submission.model = "demo";
    scheduler_.Submit(submission, [](const auto& job) { EXPECT_TRUE(job.ok()) << job.status(); });
    EXPECT_TRUE(worker_.Lease());
    return JobName(submission.id);
  }

  ManualLoop loop_;
  scheduler::InMemoryScheduler scheduler_{&loop_.clock()};
  FlakyStore store_{scheduler_};
  PuppetWorker worker_{scheduler_};
  std::shared_ptr<InputFinder> finder_ = std::make_shared<InputFinder>(loop_, store_.ports());
};

TEST_F(InputFinderTest, TakesAFileThatIsSent) {
  darkroom::v1::InitImage image;
  image.set_content(kPng);
  const auto answer = Find(image);
  ASSERT_TRUE(answer.ok() && answer->picture.has_value());
  EXPECT_EQ(answer->picture->header.width(), 24);
  EXPECT_EQ(answer->picture->header.height(), 16);
  EXPECT_EQ(answer->picture->bytes, kPng);
  EXPECT_EQ(answer->picture->id, InputId("alice", kPng));
}

TEST_F(InputFinderTest, RefusesWhatIsNoPictureByItsField) {
  darkroom::v1::InitImage image;
  image.set_content("GIF89a");
  EXPECT_EQ(ViolationOf(Find(image)), (FieldViolation{"parameters.init_image.content",
                                                      "is neither a PNG, a JPEG nor a WebP file"}));
  EXPECT_EQ(ViolationOf(Find({})).field, "parameters.init_image");
  EXPECT_EQ(ViolationOf(FindNamed("../etc/passwd")).field, "parameters.init_image.name");
  EXPECT_EQ(ViolationOf(FindNamed("inputs/xyz")).field, "parameters.init_image.name");
}

TEST_F(InputFinderTest, FindsAnInputOfTheTenantsAgain) {
  const std::string id = InputId("alice", kPng);
  EXPECT_THAT(ViolationOf(FindNamed(InputName(id))).description, HasSubstr("forgotten"));
  scheduler_.PutInput(id, kPng, [](const absl::Status&) {});
  const auto answer = FindNamed(InputName(id));
  ASSERT_TRUE(answer.ok() && answer->picture.has_value());
  EXPECT_EQ(answer->picture->bytes, kPng);
}

TEST_F(InputFinderTest, FindsNothingOfAnotherTenant) {
  const std::string id = InputId("alice", kPng);
  scheduler_.PutInput(id, kPng, [](const absl::Status&) {});
  EXPECT_THAT(ViolationOf(FindNamed(InputName(id), "bob")).description, HasSubstr("forgotten"));
  const std::string job = LeaseJob();
  worker_.Image(0, kPng);
  worker_.Succeed();
  EXPECT_THAT(ViolationOf(FindNamed(job + "/images/0", "bob")).description, HasSubstr("forgotten"));
}

TEST_F(InputFinderTest, TakesThePictureOfAFinishedJob) {
  const std::string job = LeaseJob();
  EXPECT_THAT(ViolationOf(FindNamed(job + "/images/0")).description, HasSubstr("wait until"));
  worker_.Image(0, kPng);
  worker_.Succeed();
  const auto answer = FindNamed(job + "/images/0");
  ASSERT_TRUE(answer.ok() && answer->picture.has_value());
  EXPECT_EQ(answer->picture->id, InputId("alice", kPng));
  EXPECT_THAT(ViolationOf(FindNamed(job + "/images/1")).description, HasSubstr("forgotten"));
  EXPECT_THAT(ViolationOf(FindNamed(job + "/images/999999")).description, HasSubstr("forgotten"));
  EXPECT_EQ(ViolationOf(FindNamed(job + "/images/-1")).field, "parameters.init_image.name");
}

TEST_F(InputFinderTest, FindsTheMaskBesideThePicture) {
  darkroom::v1::InitImage image;
  image.set_content(kPng);
  image.mutable_mask()->set_content(kPng + "mask");
  const auto answer = Find(image);
  ASSERT_TRUE(answer.ok() && answer->picture.has_value() && answer->mask.has_value());
  EXPECT_EQ(answer->picture->id, InputId("alice", kPng));
  EXPECT_EQ(answer->mask->id, InputId("alice", kPng + "mask"));
}

TEST_F(InputFinderTest, RefusesAMaskByItsField) {
  darkroom::v1::InitImage image;
  image.set_content(kPng);
  image.mutable_mask();
  const auto field = [&] { return Find(image)->violations.at(0).field; };
  EXPECT_EQ(field(), "parameters.init_image.mask");
  image.mutable_mask()->set_content("GIF89a");
  EXPECT_EQ(field(), "parameters.init_image.mask.content");
  image.mutable_mask()->set_name(InputName(InputId("bob", kPng)));
  EXPECT_EQ(field(), "parameters.init_image.mask.name");
}

TEST_F(InputFinderTest, LostStoreIsUnavailable) {
  for (const auto mode : {FlakyStore::Mode::kRefuses, FlakyStore::Mode::kSilent}) {
    store_.Become(mode);
    for (const std::string& name :
         {InputName(std::string(64, 'a')), JobName(std::string(32, 'b')) + "/images/0"}) {
      EXPECT_TRUE(absl::IsUnavailable(FindNamed(name).status())) << name;
    }
  }
}

}  // namespace
}  // namespace darkroom::server
