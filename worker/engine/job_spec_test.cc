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
  EXPECT_EQ(order->preview_interval, 5);
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
