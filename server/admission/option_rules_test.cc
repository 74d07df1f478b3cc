#include "server/admission/option_rules.h"

#include <gmock/gmock.h>
#include <google/protobuf/descriptor.h>
#include <gtest/gtest.h>

#include <functional>
#include <limits>

#include "server/testing/validating.h"

namespace darkroom::server {
namespace {

using darkroom::v1::ImageParameters;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

struct Option {
  std::string name;
  std::function<void(ImageParameters&, double)> set;
  double least;
  double most;
  double otherwise;  // what unset means
};

const std::vector<Option>& Options() {
  using P = ImageParameters;
  static const auto& options = *new std::vector<Option>{
      {"variation.strength", [](P& p, double v) { p.mutable_variation()->set_strength(v); }, 0, 1,
       0},
      {"sampler_options.eta", [](P& p, double v) { p.mutable_sampler_options()->set_eta(v); }, 0, 1,
       1},
      {"sampler_options.s_churn",
       [](P& p, double v) { p.mutable_sampler_options()->set_s_churn(v); }, 0, 100, 0},
      {"sampler_options.s_tmin", [](P& p, double v) { p.mutable_sampler_options()->set_s_tmin(v); },
       0, 10, 0},
      {"sampler_options.s_tmax", [](P& p, double v) { p.mutable_sampler_options()->set_s_tmax(v); },
       0, 999, 0},
      {"sampler_options.s_noise",
       [](P& p, double v) { p.mutable_sampler_options()->set_s_noise(v); }, 0, 1.1, 1},
      {"schedule_options.sigma_min",
       [](P& p, double v) { p.mutable_schedule_options()->set_sigma_min(v); }, 0, 10, 0},
      {"schedule_options.sigma_max",
       [](P& p, double v) { p.mutable_schedule_options()->set_sigma_max(v); }, 0, 100, 0},
      {"schedule_options.rho", [](P& p, double v) { p.mutable_schedule_options()->set_rho(v); }, 0,
       100, 0},
      {"schedule_options.beta_alpha",
       [](P& p, double v) { p.mutable_schedule_options()->set_beta_alpha(v); }, 1e-9, 10, 0.6},
      {"schedule_options.beta_beta",
       [](P& p, double v) { p.mutable_schedule_options()->set_beta_beta(v); }, 1e-9, 10, 0.6},
      {"guidance_options.rescale",
       [](P& p, double v) { p.mutable_guidance_options()->set_rescale(v); }, 0, 1, 0},
      {"guidance_options.min_negative_sigma",
       [](P& p, double v) { p.mutable_guidance_options()->set_min_negative_sigma(v); }, 0, 100, 0},
  };
  return options;
}

class OptionTest : public testing::TestWithParam<Option> {
 protected:
  static Verdict With(double value) {
    ImageParameters asked;
    GetParam().set(asked, value);
    return Validate(asked);
  }
};

TEST_P(OptionTest, EndsOfItsRangeAreAllowed) {
  EXPECT_THAT(With(GetParam().least).violations, IsEmpty());
  EXPECT_THAT(With(GetParam().most).violations, IsEmpty());
}

TEST_P(OptionTest, WhatIsBeyondIsNamedWithItsFullPath) {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  for (const double value : {GetParam().most * 1.001, -1e-9, kInfinity, -kInfinity,
                             std::numeric_limits<double>::quiet_NaN()}) {
    const Verdict verdict = With(value);
    ASSERT_THAT(Fields(verdict), ElementsAre("parameters." + GetParam().name)) << value;
    EXPECT_THAT(verdict.violations[0].description, HasSubstr("; it must be ")) << value;
  }
}

TEST_P(OptionTest, ValueThatUnsetStandsForLeavesNothingBehind) {
  EXPECT_EQ(With(GetParam().otherwise).resolved.SerializeAsString(),
            Validate({}).resolved.SerializeAsString());
}

TEST_P(OptionTest, NegativeZeroIsZeroOrRefused) {
  EXPECT_EQ(With(-0.0).resolved.SerializeAsString(), With(0.0).resolved.SerializeAsString());
  EXPECT_EQ(Fields(With(-0.0)), Fields(With(0.0)));
}

INSTANTIATE_TEST_SUITE_P(Options, OptionTest, testing::ValuesIn(Options()), [](const auto& info) {
  std::string name = info.param.name;
  std::replace(name.begin(), name.end(), '.', '_');
  return name;
});

TEST(OptionRulesTest, EveryNumberOfTheOptionsHasALimit) {
  int numbers = 0;
  const auto* type = ImageParameters::descriptor();
  for (int i = 0; i < type->field_count(); ++i) {
    const std::string& name = type->field(i)->name();
    // Have rules and tests of their own.
    if (name == "init_image" || name == "hires_fix" || name == "upscale") continue;
    const auto* message = type->field(i)->message_type();
    for (int j = 0; message != nullptr && j < message->field_count(); ++j) {
      numbers += message->field(j)->cpp_type() == google::protobuf::FieldDescriptor::CPPTYPE_DOUBLE;
    }
  }
  EXPECT_EQ(numbers, static_cast<int>(Options().size()));
}

TEST(OptionRulesTest, EmptyMessagesResolveToNone) {
  ImageParameters asked;
  asked.mutable_variation();
  asked.mutable_seed_resize_from();
  asked.mutable_sampler_options();
  asked.mutable_schedule_options()->set_discard_next_to_last_sigma(false);
  asked.mutable_guidance_options();
  const Verdict verdict = Validate(asked);
  EXPECT_THAT(verdict.violations, IsEmpty());
  EXPECT_EQ(verdict.resolved.SerializeAsString(), Validate({}).resolved.SerializeAsString());
}

TEST(OptionRulesTest, EtaOfDdimIsZeroByItself) {
  ImageParameters asked;
  asked.set_sampler("DDIM");
  asked.mutable_sampler_options()->set_eta(0);
  EXPECT_FALSE(Validate(asked).resolved.has_sampler_options());
  asked.mutable_sampler_options()->set_eta(1);
  EXPECT_EQ(Validate(asked).resolved.sampler_options().eta(), 1);
  asked.set_sampler("Euler a");
  EXPECT_FALSE(Validate(asked).resolved.has_sampler_options());
  asked.mutable_sampler_options()->set_eta(0);
  EXPECT_TRUE(Validate(asked).resolved.sampler_options().has_eta());
}

TEST(OptionRulesTest, LargestSigmaIsAboveTheSmallest) {
  ImageParameters asked;
  asked.mutable_schedule_options()->set_sigma_min(5);
  EXPECT_THAT(Fields(Validate(asked)), IsEmpty());
  for (const double sigma_max : {5.0, 4.0}) {
    asked.mutable_schedule_options()->set_sigma_max(sigma_max);
    const Verdict verdict = Validate(asked);
    ASSERT_THAT(Fields(verdict), ElementsAre("parameters.schedule_options.sigma_max"));
    EXPECT_THAT(verdict.violations[0].description, HasSubstr("it must be above sigma_min, 5"));
  }
  asked.mutable_schedule_options()->set_sigma_max(5.1);
  EXPECT_THAT(Fields(Validate(asked)), IsEmpty());
  asked.mutable_schedule_options()->set_sigma_min(11);
  EXPECT_THAT(Fields(Validate(asked)), ElementsAre("parameters.schedule_options.sigma_min"));
}

TEST(OptionRulesTest, SkippingTheNegativePromptNeedsASigma) {
  ImageParameters asked;
  asked.mutable_guidance_options()->set_skip_negative_at_every_call(true);
  EXPECT_FALSE(Validate(asked).resolved.has_guidance_options());
  asked.mutable_guidance_options()->set_min_negative_sigma(2);
  EXPECT_TRUE(Validate(asked).resolved.guidance_options().skip_negative_at_every_call());
}

}  // namespace
}  // namespace darkroom::server
