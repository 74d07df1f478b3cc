#include "server/admission/size_rules.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "server/testing/validating.h"

namespace darkroom::server {
namespace {

using darkroom::v1::ImageParameters;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

ImageParameters ResizedFrom(int width, int height) {
  ImageParameters asked;
  asked.mutable_seed_resize_from()->set_width(width);
  asked.mutable_seed_resize_from()->set_height(height);
  return asked;
}

TEST(SizeRulesTest, TooManyPixelsBlamesTheSidesThatWereSent) {
  ImageParameters asked;
  asked.set_width(256);
  EXPECT_THAT(Validate(asked).violations, IsEmpty()) << "256 x 128 is the limit";
  asked.set_height(136);
  const Verdict verdict = Validate(asked);
  EXPECT_THAT(Fields(verdict), ElementsAre("parameters.width", "parameters.height"));
  EXPECT_THAT(verdict.violations[0].description,
              HasSubstr("256 x 136 = 34816 pixels; the model allows at most 32768 pixels"));
  EXPECT_THAT(verdict.violations[0].description, HasSubstr("--job_memory"));
}

TEST(SizeRulesTest, SeedResizeIsASizeLikeThePicture) {
  const Verdict good = Validate(ResizedFrom(64, 256));
  EXPECT_THAT(good.violations, IsEmpty());
  EXPECT_EQ(good.resolved.seed_resize_from().height(), 256);
  EXPECT_THAT(Fields(Validate(ResizedFrom(0, 64))),
              ElementsAre("parameters.seed_resize_from.width"));
  EXPECT_THAT(
      Fields(Validate(ResizedFrom(65, -8))),
      ElementsAre("parameters.seed_resize_from.width", "parameters.seed_resize_from.height"));
  EXPECT_THAT(Fields(Validate(ResizedFrom(64, 264))),
              ElementsAre("parameters.seed_resize_from.height"));
  EXPECT_THAT(Fields(Validate(ResizedFrom(256, 256))), ElementsAre("parameters.seed_resize_from"));
}

TEST(SizeRulesTest, SeedResizeFromThePicturesOwnSizeIsDropped) {
  EXPECT_FALSE(Validate(ResizedFrom(128, 128)).resolved.has_seed_resize_from());
  EXPECT_FALSE(Validate(ResizedFrom(0, 0)).resolved.has_seed_resize_from());
  EXPECT_TRUE(Validate(ResizedFrom(128, 64)).resolved.has_seed_resize_from());
}

}  // namespace
}  // namespace darkroom::server
