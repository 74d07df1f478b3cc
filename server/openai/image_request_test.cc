#include "server/openai/image_request.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <utility>

#include "server/testing/demo_model.h"

namespace darkroom::server::openai {
namespace {

using http::Fields;
using ::testing::AllOf;
using ::testing::HasSubstr;

const std::string kPicture = "any file";

// As far as it is looked at: the signature and a header of this colour type, then `more`.
std::string PngOf(char colour_type, const std::string& more = "") {
  std::string png("\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x40\0\0\0\x40\x08", 25);
  return png + colour_type + std::string("\0\0\0", 3) + more + "IDAT";
}

class ImageRequestTest : public testing::Test {
 protected:
  absl::StatusOr<ImageRequest> TryRead(Operation operation, Fields fields) {
    return ReadImageRequest(
        operation, std::move(fields), *ModelAliases::Parse({"gpt-image-*"}),
        [this](absl::string_view id) { return id.empty() || id == "demo" ? &model_ : nullptr; });
  }
  ImageRequest Read(Operation operation, Fields fields) {
    const auto request = TryRead(operation, std::move(fields));
    EXPECT_TRUE(request.ok()) << request.status();
    return request.value_or(ImageRequest{});
  }
  std::string Complaint(Operation operation, Fields fields) {
    return std::string(TryRead(operation, std::move(fields)).status().message());
  }

  darkroom::v1::Model model_ = DemoModel();
};

TEST_F(ImageRequestTest, APromptIsEnough) {
  const ImageRequest request = Read(Operation::kGeneration, {{"prompt", {{"a cat"}}}});
  darkroom::v1::ImageParameters expected;
  expected.set_prompt("a cat");
  expected.set_preview_interval(0);
  EXPECT_EQ(request.parameters.SerializeAsString(), expected.SerializeAsString());
  EXPECT_EQ(request.quality, "medium");
  EXPECT_FALSE(request.stream);
}

TEST_F(ImageRequestTest, TheirFieldsBecomeOurs) {
  const ImageRequest request = Read(Operation::kGeneration, {{"prompt", {{"a cat"}}},
                                                             {"model", {{"gpt-image-2"}}},
                                                             {"n", {{"3"}}},
                                                             {"size", {{"256x128"}}},
                                                             {"quality", {{"hd"}}},
                                                             {"stream", {{"true"}}},
                                                             {"partial_images", {{"2"}}},
                                                             {"output_format", {{"png"}}},
                                                             {"background", {{"transparent"}}},
                                                             {"moderation", {{"low"}}},
                                                             {"style", {{"vivid"}}},
                                                             {"user", {{"u"}}},
                                                             {"no such", {{"x"}}}});
  EXPECT_EQ(request.parameters.model(), "");
  EXPECT_EQ(request.parameters.image_count(), 3);
  EXPECT_EQ(request.parameters.width(), 256);
  EXPECT_EQ(request.parameters.height(), 128);
  EXPECT_EQ(request.parameters.steps(), 30) << "half as many again as the model's";
  EXPECT_EQ(request.parameters.preview_interval(), 10);
  EXPECT_EQ(request.quality, "high");
  EXPECT_TRUE(request.stream);
  EXPECT_EQ(request.partial_images, 2);
}

TEST_F(ImageRequestTest, QualitiesAreStepsWithinWhatTheModelTakes) {
  const auto steps = [this](const char* quality) {
    const ImageRequest request =
        Read(Operation::kGeneration, {{"prompt", {{"x"}}}, {"quality", {{quality}}}});
    return request.parameters.has_steps() ? request.parameters.steps() : -1;
  };
  EXPECT_EQ(steps("low"), 10);
  EXPECT_EQ(steps("max"), 40);
  for (const char* usual : {"auto", "medium", "standard"}) EXPECT_EQ(steps(usual), -1) << usual;
  model_.set_max_steps(25);
  EXPECT_EQ(steps("xhigh"), 25);
  model_.set_default_steps(1);
  EXPECT_EQ(steps("low"), 1);
}

TEST_F(ImageRequestTest, WhatIsTransparentInAMaskIsEdited) {
  const ImageRequest request =
      Read(Operation::kEdit,
           {{"prompt", {{"a hat"}}}, {"image", {{kPicture, true}}}, {"mask", {{PngOf(6), true}}}});
  const darkroom::v1::InitImage& image = request.parameters.init_image();
  EXPECT_EQ(image.content(), kPicture);
  EXPECT_EQ(image.mask().content(), PngOf(6));
  EXPECT_TRUE(image.mask().inverted());
  EXPECT_EQ(image.strength(), 1);
  EXPECT_FALSE(request.parameters.has_width());
  for (const std::string& mask : {PngOf(4), PngOf(3, "tRNS")}) {
    EXPECT_TRUE(Read(Operation::kEdit,
                     {{"prompt", {{"x"}}}, {"image", {{kPicture, true}}}, {"mask", {{mask, true}}}})
                    .parameters.init_image()
                    .has_mask());
  }
  for (const std::string& mask : {PngOf(2), PngOf(3), kPicture}) {
    EXPECT_THAT(
        Complaint(Operation::kEdit,
                  {{"prompt", {{"x"}}}, {"image", {{kPicture, true}}}, {"mask", {{mask, true}}}}),
        HasSubstr("mask is not a PNG with an alpha channel"));
  }
}

TEST_F(ImageRequestTest, EditsWithoutAMaskKeepMoreOrLessOfThePicture) {
  const auto strength = [this](Fields more) {
    more.insert({{"prompt", {{"x"}}}, {"image", {{kPicture, true}}}});
    return Read(Operation::kEdit, std::move(more)).parameters.init_image().strength();
  };
  EXPECT_EQ(strength({}), 0.75);
  EXPECT_EQ(strength({{"input_fidelity", {{"low"}}}}), 0.75);
  EXPECT_EQ(strength({{"input_fidelity", {{"high"}}}}), 0.5);
  model_.set_task(darkroom::v1::MODEL_TASK_INSTRUCTION);
  EXPECT_EQ(strength({}), 1) << "it sees the picture all the time";
}

TEST_F(ImageRequestTest, PicturesMayComeAsJsonHasThem) {
  for (const char* name : {"image", "images", "images[image_url]"}) {
    const ImageRequest request = Read(
        Operation::kEdit, {{"prompt", {{"x"}}}, {name, {{"data:image/png;base64,YW55IGZpbGU="}}}});
    EXPECT_EQ(request.parameters.init_image().content(), kPicture) << name;
  }
}

TEST_F(ImageRequestTest, VariationsNeedNoPrompt) {
  const ImageRequest request =
      Read(Operation::kVariation,
           {{"image", {{kPicture, true}}}, {"prompt", {{"unheard"}}}, {"size", {{"128x128"}}}});
  EXPECT_EQ(request.parameters.prompt(), "");
  EXPECT_EQ(request.parameters.init_image().strength(), 0.75);
  EXPECT_EQ(request.parameters.init_image().resize_mode(), darkroom::v1::RESIZE_MODE_CROP);
}

TEST_F(ImageRequestTest, PreviewsComeAsOftenAsPartialImagesAreWanted) {
  const auto interval = [this](Operation operation, const char* partial_images) {
    return Read(operation, {{"prompt", {{"x"}}},
                            {"image", {{kPicture, true}}},
                            {"stream", {{"true"}}},
                            {"partial_images", {{partial_images}}}})
        .parameters.preview_interval();
  };
  EXPECT_EQ(interval(Operation::kGeneration, "0"), 0);
  EXPECT_EQ(interval(Operation::kGeneration, "3"), 5);
  EXPECT_EQ(interval(Operation::kEdit, "2"), 5) << "of 15 steps";
  model_.set_default_steps(2);
  EXPECT_EQ(interval(Operation::kGeneration, "3"), 1);
}

TEST_F(ImageRequestTest, WhatIsMissingOrCannotBeDoneIsToldByItsName) {
  EXPECT_THAT(Complaint(Operation::kGeneration, {{"n", {{"11"}}},
                                                 {"size", {{"large"}}},
                                                 {"quality", {{"best"}}},
                                                 {"partial_images", {{"4"}}},
                                                 {"output_format", {{"webp"}}},
                                                 {"response_format", {{"url"}}}}),
              AllOf(HasSubstr("prompt is missing"), HasSubstr("n has to be"),
                    HasSubstr("size has to be"), HasSubstr("quality has to be"),
                    HasSubstr("partial_images has to be"), HasSubstr("output_format can only be"),
                    HasSubstr("response_format cannot be \"url\"")));
  EXPECT_THAT(Complaint(Operation::kVariation, {}), HasSubstr("image is missing"));
  EXPECT_THAT(Complaint(Operation::kVariation, {{"image", {{kPicture, true}, {kPicture, true}}}}),
              HasSubstr("image is more than one picture"));
  EXPECT_THAT(Complaint(Operation::kEdit, {{"prompt", {{"x"}}}, {"images[file_id]", {{"f"}}}}),
              HasSubstr("file_id cannot be used"));
}

}  // namespace
}  // namespace darkroom::server::openai
