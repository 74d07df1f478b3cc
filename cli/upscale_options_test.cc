#include "cli/upscale_options.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace darkroom::cli {
namespace {

using testing::HasSubstr;

// The parameters of a command line, or what is wrong with it.
std::string Said(const std::vector<std::string>& arguments) {
  OptionParser parser;
  UpscaleOptions options;
  options.Declare(parser);
  const auto rest = parser.Parse(arguments);
  if (!rest.ok()) return std::string(rest.status().message());
  const auto request = options.Request(rest->at(0));
  if (!request.ok()) return std::string(request.status().message());
  EXPECT_FALSE(request->request_id().empty());
  return request->parameters().ShortDebugString();
}

TEST(UpscaleOptionsTest, WhatIsWrittenIsAskedForAndNothingElse) {
  EXPECT_EQ(Said({"jobs/ab"}), "init_image { name: \"jobs/ab/images/0\" } upscale { }");
  EXPECT_EQ(Said({"inputs/ab", "--upscaler", "R-ESRGAN 4x+", "--scale", "2.5", "--model", "demo"}),
            "model: \"demo\" init_image { name: \"inputs/ab\" } upscale { scale: 2.5 upscaler: "
            "\"R-ESRGAN 4x+\" }");
  EXPECT_EQ(Said({"jobs/ab", "--width", "640", "--height=480", "--no_crop"}),
            "init_image { name: \"jobs/ab/images/0\" } upscale { width: 640 height: 480 crop: "
            "false }");
  EXPECT_EQ(Said({"jobs/ab", "--upscaler_2", "Nearest"}),
            "init_image { name: \"jobs/ab/images/0\" } upscale { second_upscaler: \"Nearest\" "
            "second_visibility: 0.5 }");
}

TEST(UpscaleOptionsTest, WhatCannotBeAskedForIsSaid) {
  EXPECT_THAT(Said({"no/such.png"}), HasSubstr("no/such.png"));
  EXPECT_THAT(Said({"jobs/ab", "--width", "99999999999"}), HasSubstr("--width"));
  EXPECT_THAT(Said({"jobs/ab", "--visibility", "1"}), HasSubstr("--upscaler_2"));
}

TEST(UpscaleOptionsTest, TheResultIsNamedAfterThePicture) {
  UpscaleOptions options;
  EXPECT_EQ(options.OutPath("holiday/photo.jpg"), "./photo-upscaled.png");
  EXPECT_EQ(options.OutPath("jobs/ab/images/1"), "./ab-1-upscaled.png");
  options.output.out = "pictures";
  EXPECT_EQ(options.OutPath("jobs/ab"), "pictures/ab-upscaled.png");
  options.output.out = "large.png";
  EXPECT_EQ(options.OutPath("jobs/ab"), "large.png");
}

}  // namespace
}  // namespace darkroom::cli
