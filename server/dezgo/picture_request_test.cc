#include "server/dezgo/picture_request.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <utility>

namespace darkroom::server::dezgo {
namespace {

using darkroom::v1::ImageParameters;
using http::Fields;
using ::testing::AllOf;
using ::testing::HasSubstr;

absl::StatusOr<ImageParameters> TryRead(Function function, Fields fields) {
  return ReadPictureRequest(function, std::move(fields),
                            *ModelAliases::Parse({"dreamshaper_*=sd15"}));
}
ImageParameters Read(Function function, Fields fields) {
  const auto parameters = TryRead(function, std::move(fields));
  EXPECT_TRUE(parameters.ok()) << parameters.status();
  return parameters.value_or(ImageParameters());
}
std::string Complaint(Function function, Fields fields) {
  return std::string(TryRead(function, std::move(fields)).status().message());
}

TEST(PictureRequestTest, TheirFieldsBecomeOurs) {
  const ImageParameters parameters = Read(Function::kText, {{"prompt", {{"a cat"}}},
                                                            {"negative_prompt", {{"a dog"}}},
                                                            {"model", {{"dreamshaper_8"}}},
                                                            {"width", {{"640"}}},
                                                            {"height", {{"512"}}},
                                                            {"steps", {{"30"}}},
                                                            {"guidance", {{"7.5"}}},
                                                            {"seed", {{"4294967295"}}},
                                                            {"upscale", {{"1"}}},
                                                            {"format", {{"jpg"}}},
                                                            {"style", {{"passed over"}}}});
  EXPECT_EQ(parameters.prompt(), "a cat");
  EXPECT_EQ(parameters.negative_prompt(), "a dog");
  EXPECT_EQ(parameters.model(), "sd15");
  EXPECT_EQ(parameters.width(), 640);
  EXPECT_EQ(parameters.height(), 512);
  EXPECT_EQ(parameters.steps(), 30);
  EXPECT_EQ(parameters.guidance_scale(), 7.5);
  EXPECT_EQ(parameters.seed(), 4294967295);
  EXPECT_EQ(parameters.preview_interval(), 0) << "nobody sees them";
}

TEST(PictureRequestTest, EmptyFieldsAreNone) {
  const ImageParameters parameters =
      Read(Function::kText,
           {{"prompt", {{"a cat"}}}, {"seed", {{""}}}, {"lora1", {{""}}}, {"sampler", {{""}}}});
  EXPECT_EQ(parameters.prompt(), "a cat");
  EXPECT_FALSE(parameters.has_seed());
  EXPECT_EQ(parameters.sampler(), "");
  EXPECT_FALSE(Read(Function::kText, {{"prompt", {{"x"}}}, {"seed", {{"-1"}}}}).has_seed());
}

TEST(PictureRequestTest, TheirSamplersAreUnderstood) {
  const auto sampler = [](const char* name) {
    const ImageParameters parameters =
        Read(Function::kText, {{"prompt", {{"x"}}}, {"sampler", {{name}}}});
    return std::make_pair(parameters.sampler(), parameters.schedule());
  };
  using Pair = std::pair<std::string, std::string>;
  EXPECT_EQ(sampler("euler_a"), Pair("Euler a", ""));
  EXPECT_EQ(sampler("euler"), Pair("Euler", ""));
  EXPECT_EQ(sampler("dpmpp_2m_karras"), Pair("DPM++ 2M", "Karras"));
  EXPECT_EQ(sampler("dpmpp_sde_normal"), Pair("DPM++ SDE", "Normal"));
  EXPECT_EQ(sampler("dpm2"), Pair("DPM2", ""));
  EXPECT_EQ(sampler("DDIM"), Pair("DDIM", ""));
  EXPECT_EQ(sampler("DPM++ 2M SDE"), Pair("DPM++ 2M SDE", ""));
  EXPECT_EQ(sampler("magic_karras"), Pair("magic_karras", "")) << "for admission to refuse";
}

TEST(PictureRequestTest, LorasAreCalledByThePrompt) {
  EXPECT_EQ(Read(Function::kText, {{"prompt", {{"a cat"}}},
                                   {"lora1", {{"pixel"}}},
                                   {"lora1_strength", {{".25"}}},
                                   {"lora4", {{"ink"}}},
                                   {"lora5", {{"one too many"}}}})
                .prompt(),
            "a cat <lora:pixel:0.25> <lora:ink:0.7>");
  EXPECT_THAT(Complaint(Function::kText, {{"prompt", {{"x"}}}, {"lora2", {{"a:1> <lora:b"}}}}),
              HasSubstr("lora2 is not the name"));
}

TEST(PictureRequestTest, PicturesComeAsFilesOrInBase64) {
  const ImageParameters refined =
      Read(Function::kImage,
           {{"prompt", {{"x"}}}, {"init_image", {{"a file", true}}}, {"strength", {{"0.97"}}}});
  EXPECT_EQ(refined.init_image().content(), "a file");
  EXPECT_EQ(refined.init_image().strength(), 0.97);
  const ImageParameters inpainted =
      Read(Function::kInpainting, {{"prompt", {{"x"}}},
                                   {"init_image", {{"YSBmaWxl"}}},
                                   {"mask_image", {{"data:image/png;base64,YSBtYXNr"}}}});
  EXPECT_EQ(inpainted.init_image().content(), "a file");
  EXPECT_EQ(inpainted.init_image().mask().content(), "a mask");
  EXPECT_FALSE(inpainted.init_image().mask().inverted()) << "white is made anew";
}

TEST(PictureRequestTest, APictureIsEnlargedByItself) {
  const ImageParameters parameters =
      Read(Function::kUpscale, {{"image", {{"a file", true}}}, {"prompt", {{"passed over"}}}});
  EXPECT_TRUE(parameters.has_upscale());
  EXPECT_EQ(parameters.init_image().content(), "a file");
  EXPECT_EQ(parameters.prompt(), "");
}

TEST(PictureRequestTest, WhatIsMissingOrCannotBeDoneIsToldByItsName) {
  EXPECT_THAT(Complaint(Function::kInpainting,
                        {{"width", {{"wide"}}}, {"seed", {{"4294967296"}}}, {"upscale", {{"2"}}}}),
              AllOf(HasSubstr("prompt is missing"), HasSubstr("init_image is missing"),
                    HasSubstr("mask_image is missing"), HasSubstr("width has to be"),
                    HasSubstr("seed has to be"), HasSubstr("upscale can only be 1")));
  EXPECT_THAT(Complaint(Function::kUpscale, {}), HasSubstr("image is missing"));
}

}  // namespace
}  // namespace darkroom::server::dezgo
