#include "server/a1111/extras_request.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "server/http/json.h"
#include "server/testing/demo_model.h"

namespace darkroom::server::a1111 {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

ExtrasRequest ReadExtras(const std::string& json) {
  google::protobuf::Struct body;
  EXPECT_TRUE(http::FromJson(json, body).ok()) << json;
  return ReadExtrasRequest(body, {}, {{"demo", DemoModel()}});
}

TEST(ExtrasRequestTest, ScalesByAFactor) {
  const ExtrasRequest request = ReadExtras(
      R"({"image": "UE5H", "upscaling_resize": 3, "upscaler_1": "None", "upscaler_2": "None",
               "gfpgan_visibility": 0})");
  ASSERT_EQ(request.pictures.size(), 1u);
  EXPECT_EQ(request.pictures[0].init_image().content(), "PNG");
  EXPECT_EQ(request.pictures[0].upscale().scale(), 3);
  EXPECT_EQ(request.pictures[0].upscale().upscaler(), "");
  EXPECT_THAT(request.ignored, IsEmpty());
}

TEST(ExtrasRequestTest, ScalesToASizeOfWholeCells) {
  const auto upscale = ReadExtras(R"({"image": "UE5H", "resize_mode": 1, "upscaling_resize_w": 515,
      "upscaling_resize_h": 256, "upscaling_crop": false, "upscaler_1": "Lanczos",
      "upscaler_2": "Nearest", "extras_upscaler_2_visibility": 0.5})")
                           .pictures.at(0)
                           .upscale();
  EXPECT_EQ(upscale.width(), 512);
  EXPECT_EQ(upscale.height(), 256);
  EXPECT_FALSE(upscale.has_scale());
  EXPECT_FALSE(upscale.crop());
  EXPECT_EQ(upscale.second_upscaler(), "Nearest");
  EXPECT_EQ(upscale.second_visibility(), 0.5);
}

TEST(ExtrasRequestTest, ABatchIsARequestAPicture) {
  const ExtrasRequest request = ReadExtras(
      R"({"imageList": [{"data": "UE5H", "name": "a"}, {"data": "T1RIRVI=", "name": "b"}],
               "codeformer_visibility": 0.5})");
  ASSERT_EQ(request.pictures.size(), 2u);
  EXPECT_EQ(request.pictures[1].init_image().content(), "OTHER");
  EXPECT_THAT(request.ignored, ElementsAre(HasSubstr("codeformer_visibility")));
}

TEST(ExtrasRequestTest, APictureThatIsMissingOrNoneIsNamed) {
  EXPECT_EQ(ReadExtras("{}").violations.at(0).field, "image");
  EXPECT_EQ(ReadExtras(R"({"imageList": []})").violations.at(0).field, "imageList");
  EXPECT_EQ(ReadExtras(R"({"image": "%%"})").violations.at(0).field, "image");
}

}  // namespace
}  // namespace darkroom::server::a1111
