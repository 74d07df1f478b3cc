#include "worker/engine/job_spec.h"

#include "darkroom/internal/v1/job_record.pb.h"
#include "gtest/gtest.h"
#include "worker/engine/testing/engine_rig.h"

namespace darkroom::worker {
namespace {

internal::v1::JobSpec Spec() {
  internal::v1::JobSpec spec;
  spec.ParseFromString(SpecOf({.steps = 12, .images = 3, .seed = 99, .preview_interval = 5}));
  return spec;
}

TEST(JobSpec, BecomesARequestOfTheBackend) {
  internal::v1::JobSpec spec = Spec();
  spec.mutable_parameters()->set_noise_source(v1::NOISE_SOURCE_MT19937);
  spec.mutable_parameters()->set_tiling(true);
  const absl::StatusOr<WorkOrder> order = ParseJobSpec(spec.SerializeAsString());
  ASSERT_TRUE(order.ok()) << order.status();
  EXPECT_EQ(order->request.prompt, "a red apple");
  EXPECT_EQ(order->request.steps, 12);
  EXPECT_EQ(order->request.image_count, 3);
  EXPECT_EQ(order->request.seed, 99);
  EXPECT_EQ(order->request.sampler, "Euler");
  EXPECT_EQ(order->request.schedule, "Karras");
  EXPECT_EQ(order->request.guidance_scale, 7.5);
  EXPECT_EQ(order->request.noise_source, diffusion::NoiseSource::kMt19937);
  EXPECT_TRUE(order->request.tiling);
  EXPECT_EQ(order->preview_interval, 5);
}

TEST(JobSpec, NamesThePictureToBeginWith) {
  internal::v1::JobSpec spec = Spec();
  v1::InitImage& image = *spec.mutable_parameters()->mutable_init_image();
  image.set_name("inputs/" + std::string(64, 'a'));
  image.set_strength(0.4);
  image.set_resize_mode(v1::RESIZE_MODE_CROP);
  const absl::StatusOr<WorkOrder> order = ParseJobSpec(spec.SerializeAsString());
  ASSERT_TRUE(order.ok()) << order.status();
  ASSERT_TRUE(order->request.init.has_value());
  EXPECT_EQ(order->request.init->strength, 0.4);
  ASSERT_TRUE(order->input.has_value());
  EXPECT_EQ(order->input->id, std::string(64, 'a'));
  EXPECT_EQ(order->input->resize_mode, picture::ResizeMode::kCrop);
  EXPECT_EQ(order->input->width, 64);

  image.set_content("a file");
  EXPECT_TRUE(absl::IsInvalidArgument(ParseJobSpec(spec.SerializeAsString()).status()));
}

TEST(JobSpec, NamesTheSecondPassAndItsSize) {
  internal::v1::JobSpec spec;
  spec.ParseFromString(SpecOf({.hires_steps = 7}));
  v1::HiresFix& hires = *spec.mutable_parameters()->mutable_hires_fix();
  hires.clear_scale();
  hires.set_width(80);
  hires.set_height(120);
  hires.set_negative_prompt("blur");
  const absl::StatusOr<WorkOrder> order = ParseJobSpec(spec.SerializeAsString());
  ASSERT_TRUE(order.ok()) << order.status();
  ASSERT_TRUE(order->request.hires.has_value());
  EXPECT_EQ(order->request.hires->scaled, (diffusion::PictureSize{120, 120}));
  EXPECT_EQ(order->request.hires->size, (diffusion::PictureSize{80, 120}));
  EXPECT_EQ(order->request.hires->steps, 7);
  EXPECT_EQ(order->request.hires->prompt, "a red apple") << "that of the first pass";
  EXPECT_EQ(order->request.hires->negative_prompt, "blur");
  EXPECT_EQ(order->hires_size.height, 120);

  hires.clear_width();
  hires.clear_height();
  EXPECT_TRUE(absl::IsInvalidArgument(ParseJobSpec(spec.SerializeAsString()).status()));
  hires.set_scale(1e300);
  EXPECT_TRUE(absl::IsInvalidArgument(ParseJobSpec(spec.SerializeAsString()).status()));
}

TEST(JobSpec, NamesThePictureThatIsOnlyEnlarged) {
  const std::string id(64, 'a');
  internal::v1::JobSpec spec;
  spec.ParseFromString(SpecOf({.input = id, .upscaler = "4x", .enlarges = true}));
  v1::Upscale& upscale = *spec.mutable_parameters()->mutable_upscale();
  upscale.set_second_upscaler("Nearest");
  upscale.set_second_visibility(0.25);
  const absl::StatusOr<WorkOrder> order = ParseJobSpec(spec.SerializeAsString());
  ASSERT_TRUE(order.ok()) << order.status();
  ASSERT_TRUE(order->request.upscale.has_value());
  EXPECT_EQ(order->request.image_count, 1);
  EXPECT_EQ(order->request.upscale->upscaler, "4x");
  EXPECT_EQ(order->request.upscale->scale, 2);
  EXPECT_EQ(order->request.upscale->second_share, 0.25);
  ASSERT_TRUE(order->input.has_value());
  EXPECT_EQ(order->input->id, id);
  EXPECT_TRUE(order->input->as_it_is);

  upscale.set_width(64);
  upscale.set_height(32);
  EXPECT_TRUE(absl::IsInvalidArgument(ParseJobSpec(spec.SerializeAsString()).status()))
      << "a scale and a size";
  upscale.clear_scale();
  upscale.set_crop(true);
  const absl::StatusOr<WorkOrder> sized = ParseJobSpec(spec.SerializeAsString());
  ASSERT_TRUE(sized.ok()) << sized.status();
  EXPECT_EQ(sized->request.upscale->cover, (diffusion::PictureSize{64, 32}));
  EXPECT_TRUE(sized->request.upscale->crop);
  spec.mutable_parameters()->mutable_init_image()->set_content("a file");
  EXPECT_TRUE(absl::IsInvalidArgument(ParseJobSpec(spec.SerializeAsString()).status()));
}

TEST(JobSpec, NamesTheMask) {
  internal::v1::JobSpec spec = Spec();
  v1::InitImage& image = *spec.mutable_parameters()->mutable_init_image();
  image.set_name("inputs/" + std::string(64, 'a'));
  image.set_strength(0.4);
  v1::Mask& mask = *image.mutable_mask();
  mask.set_blur(7);
  mask.set_inverted(true);
  mask.set_fill(v1::MASK_FILL_LATENT_NOISE);
  mask.set_only_masked(true);
  mask.set_padding(16);
  EXPECT_TRUE(absl::IsInvalidArgument(ParseJobSpec(spec.SerializeAsString()).status()));
  mask.set_name("inputs/" + std::string(64, 'b'));
  const absl::StatusOr<WorkOrder> order = ParseJobSpec(spec.SerializeAsString());
  ASSERT_TRUE(order.ok()) << order.status();
  ASSERT_TRUE(order->input->mask.has_value());
  EXPECT_EQ(order->input->mask->id, std::string(64, 'b'));
  const picture::MaskOptions& options = order->input->mask->options;
  EXPECT_EQ(options.blur, 7);
  EXPECT_TRUE(options.inverted);
  EXPECT_TRUE(options.fills);
  EXPECT_EQ(options.padding, 16);
  EXPECT_EQ(order->request.init->mask->begins_with, diffusion::MaskedLatent::kNoise);
  mask.set_fill(v1::MASK_FILL_SURROUNDINGS);
  mask.set_only_masked(false);
  const WorkOrder other = ParseJobSpec(spec.SerializeAsString()).value();
  EXPECT_TRUE(other.input->mask->options.fills);
  EXPECT_EQ(other.input->mask->options.padding, std::nullopt);
  EXPECT_EQ(other.request.init->mask->begins_with, diffusion::MaskedLatent::kPicture);
}

TEST(JobSpec, MarginsNeedNoMaskFile) {
  internal::v1::JobSpec spec = Spec();
  v1::InitImage& image = *spec.mutable_parameters()->mutable_init_image();
  image.set_name("inputs/" + std::string(64, 'a'));
  image.set_strength(0.4);
  image.mutable_extend()->set_top(16);
  EXPECT_TRUE(absl::IsInvalidArgument(ParseJobSpec(spec.SerializeAsString()).status()));
  image.mutable_mask()->set_blur(8);
  const absl::StatusOr<WorkOrder> order = ParseJobSpec(spec.SerializeAsString());
  ASSERT_TRUE(order.ok()) << order.status();
  EXPECT_EQ(order->input->margins, (picture::Margins{.top = 16}));
  EXPECT_EQ(order->input->mask->id, "");
}

TEST(JobSpec, CarriesEveryOption) {
  internal::v1::JobSpec spec = Spec();
  v1::ImageParameters& parameters = *spec.mutable_parameters();
  parameters.set_emphasis(v1::EMPHASIS_NO_NORM);
  parameters.mutable_variation()->set_seed(7);
  parameters.mutable_variation()->set_strength(0.25);
  parameters.mutable_seed_resize_from()->set_width(512);
  parameters.mutable_seed_resize_from()->set_height(768);
  parameters.set_eta_seed_delta(-31337);
  v1::SamplerOptions& sampler = *parameters.mutable_sampler_options();
  sampler.set_eta(0);
  sampler.set_s_churn(4);
  sampler.set_s_tmin(0.1);
  sampler.set_s_tmax(9);
  sampler.set_s_noise(1.01);
  v1::ScheduleOptions& schedule = *parameters.mutable_schedule_options();
  schedule.set_sigma_min(0.2);
  schedule.set_sigma_max(11);
  schedule.set_rho(5);
  schedule.set_beta_alpha(0.5);
  schedule.set_discard_next_to_last_sigma(true);
  v1::GuidanceOptions& guidance = *parameters.mutable_guidance_options();
  guidance.set_rescale(0.7);
  guidance.set_min_negative_sigma(3);
  guidance.set_skip_negative_at_every_call(true);

  const absl::StatusOr<WorkOrder> order = ParseJobSpec(spec.SerializeAsString());
  ASSERT_TRUE(order.ok()) << order.status();
  const diffusion::ImageRequest& request = order->request;
  EXPECT_EQ(request.emphasis, prompt::Emphasis::kNoNorm);
  EXPECT_EQ(request.variation.seed, 7);
  EXPECT_EQ(request.variation.strength, 0.25);
  EXPECT_EQ(request.seed_resize_from, (diffusion::PictureSize{.width = 512, .height = 768}));
  EXPECT_EQ(request.eta_seed_delta, -31337);
  EXPECT_EQ(request.sampler_settings.eta, 0.0);
  EXPECT_EQ(request.sampler_settings.s_churn, 4);
  EXPECT_EQ(request.sampler_settings.s_tmin, 0.1);
  EXPECT_EQ(request.sampler_settings.s_tmax, 9);
  EXPECT_EQ(request.sampler_settings.s_noise, 1.01);
  EXPECT_EQ(request.schedule_settings.sigma_min, 0.2);
  EXPECT_EQ(request.schedule_settings.sigma_max, 11);
  EXPECT_EQ(request.schedule_settings.rho, 5);
  EXPECT_EQ(request.schedule_settings.beta_alpha, 0.5);
  EXPECT_EQ(request.schedule_settings.beta_beta, 0.6);
  EXPECT_TRUE(request.schedule_settings.discard_next_to_last_sigma);
  EXPECT_EQ(request.guidance_settings.rescale, 0.7);
  EXPECT_EQ(request.guidance_settings.min_negative_sigma, 3);
  EXPECT_TRUE(request.guidance_settings.skip_negative_at_every_call);
}

TEST(JobSpec, WithoutOptionsLeavesThemToTheSampler) {
  const absl::StatusOr<WorkOrder> order = ParseJobSpec(Spec().SerializeAsString());
  ASSERT_TRUE(order.ok()) << order.status();
  EXPECT_EQ(order->request.emphasis, prompt::Emphasis::kOriginal);
  EXPECT_EQ(order->request.sampler_settings.eta, std::nullopt);
  EXPECT_EQ(order->request.sampler_settings.s_noise, 1);
  EXPECT_EQ(order->request.schedule_settings.beta_alpha, 0.6);
  EXPECT_EQ(order->request.variation.strength, 0);
  EXPECT_TRUE(order->request.seed_resize_from.empty());
}

TEST(JobSpec, WithStylesOrAVariationWithoutASeedIsRefused) {
  internal::v1::JobSpec styled = Spec();
  styled.mutable_parameters()->add_styles("photo");
  internal::v1::JobSpec unset = Spec();
  unset.mutable_parameters()->mutable_variation()->set_strength(0.1);
  internal::v1::JobSpec negative = unset;
  negative.mutable_parameters()->mutable_variation()->set_seed(-1);
  for (const internal::v1::JobSpec& spec : {styled, unset, negative}) {
    EXPECT_EQ(ParseJobSpec(spec.SerializeAsString()).status().code(),
              absl::StatusCode::kInvalidArgument);
  }
}

TEST(JobSpec, OfAnotherVersionIsRefused) {
  internal::v1::JobSpec spec = Spec();
  spec.set_version(2);
  EXPECT_EQ(ParseJobSpec(spec.SerializeAsString()).status().code(),
            absl::StatusCode::kUnimplemented);
}

TEST(JobSpec, WithUnresolvedFieldsIsRefused) {
  for (const char* field : {"width", "steps", "sampler", "guidance_scale", "seed", "image_count",
                            "clip_skip", "preview_interval"}) {
    internal::v1::JobSpec spec = Spec();
    v1::ImageParameters& parameters = *spec.mutable_parameters();
    parameters.GetReflection()->ClearField(&parameters,
                                           parameters.GetDescriptor()->FindFieldByName(field));
    EXPECT_EQ(ParseJobSpec(spec.SerializeAsString()).status().code(),
              absl::StatusCode::kInvalidArgument)
        << field;
  }
}

TEST(JobSpec, OfBrokenBytesIsRefused) {
  EXPECT_EQ(ParseJobSpec("\x0a").status().code(), absl::StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace darkroom::worker
