#include "worker/diffusion/backend_checks.h"

#include <cmath>
#include <functional>
#include <limits>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "worker/diffusion/fake_backend.h"

namespace darkroom::diffusion {
namespace {

using ::testing::HasSubstr;

ImageRequest Request() {
  ImageRequest request;
  request.prompt = "a cat";
  request.width = 64;
  request.height = 64;
  request.sampler = "Euler";
  request.schedule = "Automatic";
  return request;
}

std::string Repeat(int count, const std::string& text) {
  std::string all;
  for (int i = 0; i < count; ++i) all += text;
  return all;
}

TEST(BackendChecksTest, OptionsAreOfTheirRangesAndNamedWhereTheyAreNot) {
  EXPECT_EQ(CheckRequest(Request(), FakeModelInfo()), absl::OkStatus());
  const double nan = std::nan("");
  const std::pair<const char*, std::function<void(ImageRequest&)>> bad[] = {
      {"init_image.strength", [](ImageRequest& r) { r.init = {.strength = 0}; }},
      {"init_image.strength", [&](ImageRequest& r) { r.init = {.strength = nan}; }},
      {"init_image is not of the request's size", [](ImageRequest& r) { r.init.emplace(); }},
      {"variation.seed", [](ImageRequest& r) { r.variation.seed = -1; }},
      {"variation.strength", [](ImageRequest& r) { r.variation.strength = 1.01; }},
      {"variation.strength", [&](ImageRequest& r) { r.variation.strength = nan; }},
      {"eta_seed_delta", [](ImageRequest& r) { r.eta_seed_delta = 1LL << 32; }},
      {"seed_resize_from.width", [](ImageRequest& r) { r.seed_resize_from.height = 64; }},
      {"seed_resize_from.height",
       [](ImageRequest& r) {
         r.seed_resize_from = {64, 1 << 30};
       }},
      {"sampler_options.eta", [&](ImageRequest& r) { r.sampler_settings.eta = nan; }},
      {"sampler_options.s_churn", [](ImageRequest& r) { r.sampler_settings.s_churn = -1; }},
      {"sampler_options.s_tmin", [](ImageRequest& r) { r.sampler_settings.s_tmin = 11; }},
      {"sampler_options.s_tmax", [](ImageRequest& r) { r.sampler_settings.s_tmax = 1000; }},
      {"sampler_options.s_noise", [](ImageRequest& r) { r.sampler_settings.s_noise = 2; }},
      {"schedule_options.sigma_min", [](ImageRequest& r) { r.schedule_settings.sigma_min = 11; }},
      {"schedule_options.sigma_max", [](ImageRequest& r) { r.schedule_settings.sigma_max = -1; }},
      {"schedule_options.rho", [&](ImageRequest& r) { r.schedule_settings.rho = nan; }},
      {"schedule_options.beta_alpha", [](ImageRequest& r) { r.schedule_settings.beta_alpha = 0; }},
      {"schedule_options.beta_beta", [](ImageRequest& r) { r.schedule_settings.beta_beta = 11; }},
      {"guidance_options.rescale", [](ImageRequest& r) { r.guidance_settings.rescale = 2; }},
      {"guidance_options.min_negative_sigma",
       [](ImageRequest& r) { r.guidance_settings.min_negative_sigma = -1; }},
  };
  for (const auto& [field, spoil] : bad) {
    ImageRequest request = Request();
    spoil(request);
    const absl::Status status = CheckRequest(request, FakeModelInfo());
    EXPECT_TRUE(absl::IsInvalidArgument(status)) << field;
    EXPECT_THAT(std::string(status.message()), HasSubstr(field));
  }
}

TEST(BackendChecksTest, PromptsBeyondTheLimitsAreRefusedByField) {
  const auto problem = [](const std::string& prompt, const std::string& negative_prompt) {
    ImageRequest request = Request();
    request.prompt = prompt;
    request.negative_prompt = negative_prompt;
    return std::string(CheckRequest(request, FakeModelInfo()).message());
  };
  EXPECT_EQ(problem(Repeat(15, "a AND ") + "a", Repeat(100, "a AND ")), "");
  EXPECT_THAT(problem(Repeat(16, "a AND ") + "a", ""), HasSubstr("prompt has 17 parts"));
  EXPECT_EQ(problem(Repeat(64, "a BREAK ") + "a", ""), "");
  EXPECT_THAT(problem("", Repeat(65, "a BREAK ")), HasSubstr("negative_prompt has 65 BREAKs"));
  std::string rotation = "[0";
  for (int i = 1; i < 60; ++i) rotation += "|" + std::to_string(i);
  EXPECT_THAT(problem(rotation + "]" + std::string(3800, 'x'), ""),
              HasSubstr("prompt has edits of more than 65536 bytes"));
}

TEST(BackendChecksTest, SamplersOfSecondOrderMakeTwoCallsAStep) {
  ImageRequest request = Request();
  request.steps = 10;
  EXPECT_EQ(PassOf(request).steps, 10);
  request.sampler = "Heun";
  EXPECT_EQ(PassOf(request).steps, 20);
}

}  // namespace
}  // namespace darkroom::diffusion
