#include "server/admission/request_validator.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <limits>

#include "server/testing/validating.h"

namespace darkroom::server {
namespace {

using darkroom::v1::ImageParameters;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

TEST(RequestValidatorTest, EmptyRequestTakesEveryDefault) {
  const Verdict verdict = Validate({});
  ASSERT_THAT(verdict.violations, IsEmpty());
  EXPECT_EQ(verdict.model, "demo");
  const ImageParameters& resolved = verdict.resolved;
  EXPECT_EQ(resolved.model(), "models/demo");
  EXPECT_EQ(resolved.width(), 128);
  EXPECT_EQ(resolved.height(), 128);
  EXPECT_EQ(resolved.steps(), 20);
  EXPECT_EQ(resolved.sampler(), "DPM++ 2M");
  EXPECT_EQ(resolved.schedule(), "Karras");
  EXPECT_EQ(resolved.guidance_scale(), 5);
  EXPECT_EQ(resolved.seed(), 7);
  EXPECT_EQ(resolved.image_count(), 1);
  EXPECT_EQ(resolved.clip_skip(), 1);
  EXPECT_EQ(resolved.noise_source(), darkroom::v1::NOISE_SOURCE_PHILOX);
  EXPECT_EQ(resolved.preview_interval(), 5);
  EXPECT_EQ(resolved.eta_seed_delta(), 0);
  EXPECT_EQ(resolved.emphasis(), darkroom::v1::EMPHASIS_ORIGINAL);
}

TEST(RequestValidatorTest, ResolvedParametersResolveToThemselves) {
  const ImageParameters resolved = Validate({}).resolved;
  const google::protobuf::Descriptor* type = ImageParameters::descriptor();
  for (int i = 0; i < type->field_count(); ++i) {
    if (!type->field(i)->has_optional_keyword()) continue;
    EXPECT_TRUE(resolved.GetReflection()->HasField(resolved, type->field(i)))
        << type->field(i)->name();
  }
  EXPECT_EQ(Validate(resolved, 99).resolved.SerializeAsString(), resolved.SerializeAsString());
}

TEST(RequestValidatorTest, ModelMayBeNamedByIdOrByResourceName) {
  for (const char* name : {"demo", "models/demo", ""}) {
    ImageParameters asked;
    asked.set_model(name);
    EXPECT_EQ(Validate(asked).model, "demo") << name;
  }
}

TEST(RequestValidatorTest, FieldsOfANewerSchemaAreNotCarriedAlong) {
  ImageParameters asked;
  ASSERT_TRUE(asked.ParseFromString("\xf8\x3f\x01"));  // field 1023
  EXPECT_EQ(Validate(asked).resolved.SerializeAsString(),
            Validate({}).resolved.SerializeAsString());
}

struct NamedSampler {
  const char* sampler;
  const char* schedule;
  const char* resolved_sampler;
  const char* resolved_schedule;
};

TEST(RequestValidatorTest, SamplersAndSchedulesAreSpeltOut) {
  for (const NamedSampler& name : std::vector<NamedSampler>{
           {"", "", "DPM++ 2M", "Karras"},
           {"k_euler_a", "", "Euler a", "Karras"},
           {"dpm++ 2m", "AUTOMATIC", "DPM++ 2M", "Automatic"},
           {"Euler Karras", "Automatic", "Euler", "Karras"},
           {"Euler a Automatic", "", "Euler a", "Automatic"},
           {"", "karras", "DPM++ 2M", "Karras"},
       }) {
    ImageParameters asked;
    asked.set_sampler(name.sampler);
    asked.set_schedule(name.schedule);
    const Verdict verdict = Validate(asked);
    ASSERT_THAT(verdict.violations, IsEmpty()) << name.sampler;
    EXPECT_EQ(verdict.resolved.sampler(), name.resolved_sampler);
    EXPECT_EQ(verdict.resolved.schedule(), name.resolved_schedule);
  }
}

struct BadField {
  std::string scenario;
  std::function<void(ImageParameters&)> spoil;
  std::string field;
  std::string says;  // part of the description
};

class BadFieldTest : public testing::TestWithParam<BadField> {};

TEST_P(BadFieldTest, IsNamedWithItsLimitAndTheWayOut) {
  ImageParameters asked;
  GetParam().spoil(asked);
  const Verdict verdict = Validate(asked);
  ASSERT_THAT(Fields(verdict), ElementsAre("parameters." + GetParam().field));
  EXPECT_THAT(verdict.violations[0].description, HasSubstr(GetParam().says));
}

const std::vector<BadField>& BadFields() {
  using P = ImageParameters;
  static const auto& fields = *new std::vector<BadField>{
      {"PromptTooLong", [](P& p) { p.set_prompt(std::string(4097, 'a')); }, "prompt",
       "has 4097 bytes of UTF-8; at most 4096"},
      {"NegativePromptTooLong", [](P& p) { p.set_negative_prompt(std::string(5000, 'a')); },
       "negative_prompt", "at most 4096"},
      {"UnknownModel", [](P& p) { p.set_model("models/dem0"); }, "model",
       "is \"dem0\", which is not a known model; did you mean \"demo\"? known: \"demo\""},
      {"ModelThatIsAPath", [](P& p) { p.set_model("../../etc/passwd"); }, "model",
       "not a known model"},
      {"WidthNoMultiple", [](P& p) { p.set_width(129); }, "width",
       "is 129, which is not a multiple of 8; use 128 or 136"},
      {"HeightZero", [](P& p) { p.set_height(0); }, "height", "is 0; it must be 8 to 256"},
      {"HeightNegative", [](P& p) { p.set_height(-8); }, "height", "is -8"},
      {"WidthTooLarge", [](P& p) { p.set_width(264); }, "width", "is 264; it must be 8 to 256"},
      {"WidthHuge", [](P& p) { p.set_width(2'147'483'640); }, "width", "8 to 256"},
      {"StepsZero", [](P& p) { p.set_steps(0); }, "steps", "is 0; it must be 1 to 100"},
      {"StepsTenThousand", [](P& p) { p.set_steps(10'000); }, "steps",
       "is 10000; it must be 1 to 100"},
      {"SamplerMisspelt", [](P& p) { p.set_sampler("dpm++2m"); }, "sampler",
       "did you mean \"DPM++ 2M\"? known: \"Euler\", \"Euler a\", \"DPM++ 2M\", \"DDIM\""},
      {"SamplerUnknown", [](P& p) { p.set_sampler("Restart"); }, "sampler",
       "is \"Restart\", which is not a known sampler; known:"},
      {"SamplerOfOtherModels", [](P& p) { p.set_sampler("Heun Karras"); }, "sampler",
       "is \"Heun Karras\", which is not a known sampler; known: \"Euler\""},
      {"ScheduleMisspelt", [](P& p) { p.set_schedule("kerras"); }, "schedule",
       "did you mean \"Karras\"? known: \"Automatic\", \"Karras\""},
      {"ScheduleMisspeltBesideAnOlderName",
       [](P& p) {
         p.set_sampler("Euler Karras");
         p.set_schedule("kerras");
       },
       "schedule", "is \"kerras\", which is not a known schedule"},
      {"ScheduleOfOtherModelsInAnOlderName", [](P& p) { p.set_sampler("Euler Beta"); }, "schedule",
       "is \"Beta\", which is not a known schedule"},
      {"ScheduleOfOtherModels", [](P& p) { p.set_schedule("Beta"); }, "schedule",
       "is \"Beta\", which is not a known schedule"},
      {"EmphasisUnknown", [](P& p) { p.set_emphasis(static_cast<darkroom::v1::Emphasis>(7)); },
       "emphasis",
       "is 7, which is not a known emphasis; known: EMPHASIS_ORIGINAL (1), EMPHASIS_NO_NORM (2)"},
      {"GuidanceNaN", [](P& p) { p.set_guidance_scale(std::nan("")); }, "guidance_scale",
       "is not a number; it must be 1 to 30"},
      {"GuidanceInfinite",
       [](P& p) { p.set_guidance_scale(std::numeric_limits<double>::infinity()); },
       "guidance_scale", "is inf; it must be 1 to 30"},
      {"GuidanceTooSmall", [](P& p) { p.set_guidance_scale(0.5); }, "guidance_scale", "is 0.5"},
      {"GuidanceTooLarge", [](P& p) { p.set_guidance_scale(31); }, "guidance_scale", "is 31"},
      {"SeedTooSmall", [](P& p) { p.set_seed(-2); }, "seed", "is -2; it must be -1 to 4294967295"},
      {"SeedTooLarge", [](P& p) { p.set_seed(4'294'967'296); }, "seed", "is 4294967296"},
      {"NoImages", [](P& p) { p.set_image_count(0); }, "image_count", "is 0; it must be 1 to 4"},
      {"TooManyImages", [](P& p) { p.set_image_count(5); }, "image_count", "is 5"},
      {"LastSeedTooLarge",
       [](P& p) {
         p.set_seed(4'294'967'294);
         p.set_image_count(3);
       },
       "seed", "the last of 3 images has seed 4294967296"},
      {"ClipSkipZero", [](P& p) { p.set_clip_skip(0); }, "clip_skip", "is 0; it must be 1 to 12"},
      {"ClipSkipTooLarge", [](P& p) { p.set_clip_skip(13); }, "clip_skip", "is 13"},
      {"NoiseSourceUnknown",
       [](P& p) { p.set_noise_source(static_cast<darkroom::v1::NoiseSource>(9)); }, "noise_source",
       "is 9, which is not a known noise source"},
      {"PreviewIntervalNegative", [](P& p) { p.set_preview_interval(-1); }, "preview_interval",
       "is -1; it must be 0 to 150"},
  };
  return fields;
}

INSTANTIATE_TEST_SUITE_P(Scenarios, BadFieldTest, testing::ValuesIn(BadFields()),
                         [](const auto& info) { return info.param.scenario; });

TEST(RequestValidatorTest, EveryBadFieldIsReportedAtOnceInTheOrderOfTheSchema) {
  ImageParameters asked;
  asked.add_styles("none");
  asked.mutable_sampler_options()->set_eta(2);
  asked.set_eta_seed_delta(1LL << 40);
  asked.set_prompt(std::string(5000, 'a'));
  asked.set_width(7);
  asked.set_height(1000);
  asked.set_steps(-1);
  asked.set_sampler("no");
  asked.set_guidance_scale(-1);
  asked.set_image_count(100);
  asked.set_preview_interval(1000);
  EXPECT_THAT(
      Fields(Validate(asked)),
      ElementsAre("parameters.prompt", "parameters.width", "parameters.height", "parameters.steps",
                  "parameters.sampler", "parameters.guidance_scale", "parameters.image_count",
                  "parameters.preview_interval", "parameters.eta_seed_delta",
                  "parameters.sampler_options.eta", "parameters.styles"));
}

TEST(RequestValidatorTest, UnknownModelDoesNotHideTheOtherBadFields) {
  ImageParameters asked;
  asked.set_model("other");
  asked.set_steps(0);
  asked.set_width(3);
  EXPECT_THAT(Fields(Validate(asked)),
              ElementsAre("parameters.model", "parameters.width", "parameters.steps"));
}

TEST(RequestValidatorTest, LimitsThemselvesAreAllowed) {
  ImageParameters asked;
  asked.set_prompt(std::string(4096, 'a'));
  asked.set_width(8);
  asked.set_height(256);
  asked.set_steps(100);
  asked.set_guidance_scale(30);
  asked.set_seed(4'294'967'295);
  asked.set_image_count(1);
  asked.set_clip_skip(12);
  asked.set_preview_interval(0);
  EXPECT_THAT(Validate(asked).violations, IsEmpty());
}

TEST(RequestValidatorTest, RequestWithoutModelNeedsADefault) {
  const Verdict verdict = ValidateParameters({}, {DemoModels(), ""}, [] { return 0u; });
  ASSERT_THAT(Fields(verdict), ElementsAre("parameters.model"));
  EXPECT_THAT(verdict.violations[0].description, HasSubstr("name one of: \"demo\""));
}

TEST(RequestValidatorTest, LongNamesAreShortenedInTheAnswer) {
  ImageParameters asked;
  asked.set_sampler(std::string(100'000, 'x'));
  const Verdict verdict = Validate(asked);
  ASSERT_THAT(Fields(verdict), ElementsAre("parameters.sampler"));
  EXPECT_LT(verdict.violations[0].description.size(), 300u);
}

TEST(RequestIdTest, IsPrintableAsciiOfLimitedLength) {
  EXPECT_THAT(ValidateRequestId(""), IsEmpty());
  EXPECT_THAT(ValidateRequestId(std::string(128, '~')), IsEmpty());
  EXPECT_THAT(ValidateRequestId(std::string(129, 'a')), testing::SizeIs(1));
  EXPECT_THAT(ValidateRequestId("a\tb"), testing::SizeIs(1));
  EXPECT_THAT(ValidateRequestId("é"), testing::SizeIs(1));
}

}  // namespace
}  // namespace darkroom::server
