#include "server/a1111/settings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "server/http/json.h"
#include "server/testing/demo_model.h"

namespace darkroom::server::a1111 {
namespace {

using google::protobuf::Struct;

Struct Parsed(const std::string& json) {
  Struct object;
  EXPECT_TRUE(http::FromJson(json, object).ok()) << json;
  return object;
}

TEST(SettingsTest, OnlyKnownOnesAreKeptAndNullTakesOneAway) {
  const Struct merged =
      MergedSettings(Parsed(R"({"sd_vae": "x", "emphasis": "None"})"),
                     Parsed(R"({"sd_vae": null, "rho": 7, "unheard_of": 1, "auth": "secret"})"));
  EXPECT_EQ(merged.fields_size(), 2);
  EXPECT_EQ(merged.fields().at("emphasis").string_value(), "None");
  EXPECT_EQ(merged.fields().at("rho").number_value(), 7);
}

TEST(SettingsTest, AllThatClientsReadAreThereAndAForgeIsNotClaimed) {
  const Struct all = WithDefaults(Parsed(R"({"CLIP_stop_at_last_layers": 2})"), "demo [0123]");
  EXPECT_EQ(all.fields().at("sd_model_checkpoint").string_value(), "demo [0123]");
  EXPECT_EQ(all.fields().at("CLIP_stop_at_last_layers").number_value(), 2);
  EXPECT_EQ(all.fields().at("sd_vae").string_value(), "Automatic");
  EXPECT_EQ(all.fields().count("forge_preset"), 0u);
}

TEST(SettingsTest, AllSentBackChangeNothing) {
  darkroom::v1::ImageParameters parameters;
  std::vector<FieldViolation> violations;
  std::vector<std::string> ignored;
  ApplySettings(WithDefaults({}, ""), {{"demo", DemoModel()}}, violations, ignored, parameters);
  EXPECT_EQ(parameters.ByteSizeLong(), 0u);
  EXPECT_TRUE(violations.empty());
  EXPECT_TRUE(ignored.empty());
}

TEST(SettingsTest, WhatIsSetHolds) {
  darkroom::v1::ImageParameters parameters;
  std::vector<FieldViolation> violations;
  std::vector<std::string> ignored;
  ApplySettings(Parsed(R"({"emphasis": "No norm", "eta_noise_seed_delta": 31337, "sigma_max": 20,
      "always_discard_next_to_last_sigma": true, "s_min_uncond": 1.5, "tiling": true})"),
                {}, violations, ignored, parameters);
  EXPECT_EQ(parameters.emphasis(), darkroom::v1::EMPHASIS_NO_NORM);
  EXPECT_EQ(parameters.eta_seed_delta(), 31337);
  EXPECT_EQ(parameters.schedule_options().sigma_max(), 20);
  EXPECT_TRUE(parameters.schedule_options().discard_next_to_last_sigma());
  EXPECT_EQ(parameters.guidance_options().min_negative_sigma(), 1.5);
  EXPECT_TRUE(parameters.tiling());
  EXPECT_TRUE(violations.empty());
}

TEST(SettingsTest, NamesThatAreNotKnownAreNamed) {
  darkroom::v1::ImageParameters parameters;
  std::vector<FieldViolation> violations;
  std::vector<std::string> ignored;
  ApplySettings(Parsed(R"({"emphasis": "much", "randn_source": "dice"})"), {}, violations, ignored,
                parameters);
  ASSERT_EQ(violations.size(), 2u);
  EXPECT_EQ(violations[0].field, "randn_source");
  EXPECT_EQ(violations[1].field, "emphasis");
}

}  // namespace
}  // namespace darkroom::server::a1111
