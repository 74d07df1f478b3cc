// A picture's text gives back the parameters that it was made from, over random requests.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <iterator>
#include <random>
#include <string>

#include "common/rgb_image.h"
#include "darkroom/internal/v1/job_record.pb.h"
#include "infotext/infotext.h"
#include "naming/hires_pass.h"
#include "naming/sampler_names.h"
#include "prompt/emphasis.h"
#include "server/core/emphasis.h"
#include "server/core/infotext_reading.h"
#include "server/testing/validating.h"
#include "worker/engine/finished_image.h"
#include "worker/engine/job_spec.h"

namespace darkroom::server {
namespace {

namespace v1 = darkroom::v1;
using testing::IsEmpty;

constexpr int kRounds = 3000;
constexpr int kWorkerRounds = 300;  // each encodes two pictures

// A model that offers everything.
const Models& Served() {
  static const auto& models = *new Models([] {
    v1::Model model = DemoModel();
    model.set_hash("0123456789");
    model.clear_samplers();
    model.clear_schedules();
    for (const naming::SamplerName& sampler : naming::Samplers()) {
      model.add_samplers(std::string(sampler.name));
    }
    for (const absl::string_view schedule : naming::Schedules()) {
      model.add_schedules(std::string(schedule));
    }
    return Models{{"demo", model}};
  }());
  return models;
}

class Random {
 public:
  explicit Random(unsigned seed) : engine_(seed) {}

  int Below(int limit) { return static_cast<int>(engine_() % static_cast<unsigned>(limit)); }
  bool Chance() { return Below(2) == 0; }
  double Share() { return static_cast<double>(engine_()) / 4294967295.0; }
  std::int64_t Seed() { return static_cast<std::int64_t>(engine_() % 4294967290U); }

  // Lines without white space around them, none of which looks like the beginning of the negative
  // prompt: the text of a picture does not keep more.
  std::string Prompt() {
    static constexpr const char* kPieces[] = {
        "a cat",        "(apple:1.2)",     "[a:b:0.5]", "[x|y]", " AND b:0.7", " BREAK c",
        "<lora:x:0.5>", "\nред",           "猫",        ", x",   "\\(x\\)",    "\"quoted\"",
        "Steps: 3",     "Seed: 1, Size: 2"};
    std::string text = Chance() ? "" : "start";
    for (int pieces = text.empty() ? 0 : Below(8); pieces > 0; --pieces) {
      text += kPieces[Below(static_cast<int>(std::size(kPieces)))];
    }
    return text.empty() ? text : text + "end";
  }

  v1::ImageParameters Request() {
    v1::ImageParameters asked;
    asked.set_prompt(Prompt());
    asked.set_negative_prompt(Prompt());
    asked.set_width(8 * (1 + Below(16)));
    asked.set_height(8 * (1 + Below(16)));
    asked.set_steps(1 + Below(100));
    asked.set_sampler(std::string(naming::Samplers()[Below(20)].name));
    asked.set_schedule(std::string(naming::Schedules()[Below(12)]));
    asked.set_guidance_scale(1 + 29 * Share());
    asked.set_seed(Seed());
    asked.set_image_count(1 + Below(4));
    asked.set_clip_skip(1 + Below(12));
    asked.set_noise_source(static_cast<v1::NoiseSource>(Below(3)));
    asked.set_emphasis(static_cast<v1::Emphasis>(Below(5)));
    if (Chance()) asked.set_eta_seed_delta(Seed() - Seed());
    asked.set_tiling(Below(4) == 0);
    AddOptions(asked);
    if (Below(3) == 0) AddHiresFix(asked);
    return asked;
  }

 private:
  // Sizes that the model makes of most requests.
  void AddHiresFix(v1::ImageParameters& asked) {
    v1::HiresFix& hires = *asked.mutable_hires_fix();
    asked.set_width(8 * (1 + Below(8)));
    asked.set_height(8 * (1 + Below(8)));
    if (Chance()) {
      hires.set_scale(1 + Share());
    } else if (Chance()) {
      hires.set_width(8 * (8 + Below(8)));
      if (Chance()) hires.set_height(8 * (8 + Below(8)));
    }
    hires.set_upscaler(std::string(naming::Upscalers()[Below(9)].name));
    if (Chance()) hires.set_strength(0.3 + 0.7 * Share());
    if (Chance()) hires.set_steps(Below(100));
    if (Chance()) hires.set_sampler(std::string(naming::Samplers()[Below(20)].name));
    if (Chance()) hires.set_schedule(std::string(naming::Schedules()[Below(12)]));
    if (Chance()) hires.set_prompt(Prompt());
    if (Chance()) hires.set_negative_prompt(Prompt());
    if (Chance()) hires.set_guidance_scale(1 + 29 * Share());
  }

  void AddOptions(v1::ImageParameters& asked) {
    if (Chance()) asked.mutable_variation()->set_strength(Chance() ? 0 : Share());
    if (Chance()) asked.mutable_variation()->set_seed(Seed());
    if (Chance()) {
      asked.mutable_seed_resize_from()->set_width(8 * (1 + Below(16)));
      asked.mutable_seed_resize_from()->set_height(8 * (1 + Below(16)));
    }
    v1::SamplerOptions& sampler = *asked.mutable_sampler_options();
    if (Chance()) sampler.set_eta(Chance() ? Below(2) : Share());
    if (Chance()) sampler.set_s_churn(100 * Share());
    if (Chance()) sampler.set_s_tmin(Chance() ? 0 : 10 * Share());
    if (Chance()) sampler.set_s_tmax(999 * Share());
    if (Chance()) sampler.set_s_noise(Chance() ? 1 : 1.1 * Share());
    v1::ScheduleOptions& schedule = *asked.mutable_schedule_options();
    if (Chance()) schedule.set_sigma_min(10 * Share());
    if (Chance()) schedule.set_sigma_max(11 + 80 * Share());
    if (Chance()) schedule.set_rho(100 * Share());
    if (Chance()) schedule.set_beta_alpha(0.1 + 9 * Share());
    if (Chance()) schedule.set_beta_beta(0.1 + 9 * Share());
    schedule.set_discard_next_to_last_sigma(Chance());
    v1::GuidanceOptions& guidance = *asked.mutable_guidance_options();
    if (Chance()) guidance.set_rescale(Share());
    if (Chance()) guidance.set_min_negative_sigma(100 * Share());
    guidance.set_skip_negative_at_every_call(Chance());
  }

  std::mt19937 engine_;
};

template <typename Value>
std::optional<Value> If(bool present, Value value) {
  return present ? std::optional<Value>(value) : std::nullopt;
}

// The schedule of the second pass as a text gives it back: that of a sampler over timesteps is not
// in it.
std::string HiresSchedule(const v1::ImageParameters& p) {
  const naming::SamplerName& sampler = *naming::FindSampler(p.hires_fix().sampler());
  return std::string(sampler.over_timesteps
                         ? naming::UsedSchedule(*naming::FindSampler(p.sampler()), p.schedule())
                         : naming::UsedSchedule(sampler, p.hires_fix().schedule()));
}

void AddHiresFix(const v1::ImageParameters& p, infotext::ImageParameters& picture) {
  const v1::HiresFix& hires = p.hires_fix();
  picture.denoising_strength = hires.strength();
  picture.hires_upscale = If(hires.has_scale(), hires.scale());
  picture.hires_resize = If(!hires.has_scale(), infotext::Size{hires.width(), hires.height()});
  picture.hires_steps = hires.steps();
  picture.hires_upscaler = hires.upscaler();
  picture.hires_sampler = hires.sampler();
  picture.hires_schedule = HiresSchedule(p);
  picture.hires_prompt = hires.prompt();
  picture.hires_negative_prompt = hires.negative_prompt();
  picture.hires_guidance_scale = hires.guidance_scale();
}

// Image `index` in the terms of infotexts, also what its sampler and schedule do not look at.
infotext::ImageParameters PictureOf(const v1::ImageParameters& p, int index) {
  const naming::SamplerName& sampler = *naming::FindSampler(p.sampler());
  const v1::SamplerOptions& noise = p.sampler_options();
  const v1::ScheduleOptions& levels = p.schedule_options();
  const v1::GuidanceOptions& guidance = p.guidance_options();
  infotext::ImageParameters picture;
  picture.prompt = p.prompt();
  picture.negative_prompt = p.negative_prompt();
  picture.steps = p.steps();
  picture.sampler = p.sampler();
  picture.schedule = std::string(naming::UsedSchedule(sampler, p.schedule()));
  picture.guidance_scale = p.guidance_scale();
  picture.seed = p.seed() + (p.has_variation() ? 0 : index);
  picture.size = infotext::Size{p.width(), p.height()};
  picture.model_hash = "0123456789";
  picture.model = "demo";
  picture.variation_seed = If(p.has_variation(), p.variation().seed() + index);
  picture.variation_strength = If(p.has_variation(), p.variation().strength());
  picture.seed_resize_from =
      If(p.has_seed_resize_from(),
         infotext::Size{p.seed_resize_from().width(), p.seed_resize_from().height()});
  picture.clip_skip = p.clip_skip();
  picture.eta_seed_delta = If(p.eta_seed_delta() != 0, p.eta_seed_delta());
  picture.noise_source = p.noise_source() == v1::NOISE_SOURCE_PHILOX ? "NV" : "CPU";
  picture.tiling = p.tiling();
  picture.emphasis = std::string(prompt::EmphasisName(ToEmphasis(p.emphasis())));
  picture.discard_penultimate_sigma = levels.discard_next_to_last_sigma();
  picture.schedule_sigma_min = If(levels.has_sigma_min(), levels.sigma_min());
  picture.schedule_sigma_max = If(levels.has_sigma_max(), levels.sigma_max());
  picture.schedule_rho = If(levels.has_rho(), levels.rho());
  picture.beta_schedule_alpha = If(levels.has_beta_alpha(), levels.beta_alpha());
  picture.beta_schedule_beta = If(levels.has_beta_beta(), levels.beta_beta());
  (sampler.over_timesteps ? picture.eta_ddim : picture.eta) = If(noise.has_eta(), noise.eta());
  picture.sigma_churn = If(noise.has_s_churn(), noise.s_churn());
  picture.sigma_tmin = If(noise.has_s_tmin(), noise.s_tmin());
  picture.sigma_tmax = If(noise.has_s_tmax(), noise.s_tmax());
  picture.sigma_noise = If(noise.has_s_noise(), noise.s_noise());
  picture.guidance_rescale = If(guidance.rescale() != 0, guidance.rescale());
  picture.min_uncond_sigma = If(guidance.min_negative_sigma() != 0, guidance.min_negative_sigma());
  picture.skip_uncond_at_every_call = guidance.skip_negative_at_every_call();
  if (p.has_hires_fix()) AddHiresFix(p, picture);
  picture.version = "darkroom v1";
  return picture;
}

// The request for that image alone; "Automatic" is written as the schedule that was used.
v1::ImageParameters RequestFor(v1::ImageParameters resolved, int index) {
  if (resolved.has_variation()) {
    resolved.mutable_variation()->set_seed(resolved.variation().seed() + index);
  } else {
    resolved.set_seed(resolved.seed() + index);
  }
  resolved.set_image_count(1);
  if (resolved.has_hires_fix()) {
    resolved.mutable_hires_fix()->set_schedule(HiresSchedule(resolved));
  }
  resolved.set_schedule(std::string(
      naming::UsedSchedule(*naming::FindSampler(resolved.sampler()), resolved.schedule())));
  return resolved;
}

Verdict Check(const v1::ImageParameters& asked) {
  return ValidateParameters(asked, {Served(), "demo"}, [] { return 5U; });
}

TEST(InfotextRoundTripTest, ResolvedParametersComeBackThroughAPicturesText) {
  Random random(20261126);
  int accepted = 0;
  for (int round = 0; round < kRounds; ++round) {
    const Verdict verdict = Check(random.Request());
    if (!verdict.violations.empty()) continue;  // too many parts, say
    ++accepted;
    EXPECT_EQ(Check(verdict.resolved).resolved.SerializeAsString(),
              verdict.resolved.SerializeAsString());
    const int index = random.Below(verdict.resolved.image_count());
    const std::string text = infotext::FormatInfotext(PictureOf(verdict.resolved, index));
    const InfotextReading reading = ReadParameters(infotext::ParseInfotext(text), Served());
    EXPECT_THAT(reading.notes, IsEmpty()) << text;
    const Verdict again = Check(reading.parameters);
    ASSERT_THAT(again.violations, IsEmpty()) << text;
    EXPECT_EQ(again.resolved.DebugString(), RequestFor(verdict.resolved, index).DebugString())
        << text;
  }
  EXPECT_GT(accepted, kRounds / 2);
}

// The text that a worker stores with image `index` of a job.
std::string TextOfWorker(const v1::ImageParameters& resolved, int index) {
  darkroom::internal::v1::JobSpec spec;
  spec.set_version(1);
  *spec.mutable_parameters() = resolved;
  const absl::StatusOr<worker::WorkOrder> order = worker::ParseJobSpec(spec.SerializeAsString());
  EXPECT_TRUE(order.ok()) << order.status();
  if (!order.ok()) return "";
  RgbImage picture = {.width = resolved.width(), .height = resolved.height(), .pixels = {}};
  picture.pixels.resize(std::size_t{3} * picture.width * picture.height);
  const auto finished =
      worker::FinishImage(picture, *order, index, "demo", Served().at("demo").hash());
  EXPECT_TRUE(finished.ok()) << finished.status();
  return finished.ok() ? finished->record.infotext() : "";
}

TEST(InfotextRoundTripTest, WorkersTextGivesARequestForAPictureOfTheSameText) {
  Random random(4);
  int accepted = 0;
  for (int round = 0; round < kWorkerRounds; ++round) {
    const Verdict verdict = Check(random.Request());
    if (!verdict.violations.empty()) continue;
    ++accepted;
    const std::string text =
        TextOfWorker(verdict.resolved, random.Below(verdict.resolved.image_count()));
    const InfotextReading reading = ReadParameters(infotext::ParseInfotext(text), Served());
    EXPECT_THAT(reading.notes, IsEmpty()) << text;
    const Verdict again = Check(reading.parameters);
    ASSERT_THAT(again.violations, IsEmpty()) << text;
    EXPECT_EQ(TextOfWorker(again.resolved, 0), text);
  }
  EXPECT_GT(accepted, kWorkerRounds / 2);
}

}  // namespace
}  // namespace darkroom::server
