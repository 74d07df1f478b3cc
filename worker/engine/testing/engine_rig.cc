#include "worker/engine/testing/engine_rig.h"

#include <utility>

#include "common/ids.h"
#include "darkroom/internal/v1/job_record.pb.h"
#include "gtest/gtest.h"

namespace darkroom::worker {
namespace {

constexpr char kTenant[] = "tenant";

std::unique_ptr<diffusion::FakeBackend> MakeBackend(ManualClock& clock,
                                                    diffusion::FakeBackendOptions options) {
  options.sleep = [&clock](absl::Duration time) { clock.Advance(time); };
  return std::make_unique<diffusion::FakeBackend>(std::move(options));
}

StepEngine::Options Observed(StepEngine::Options options, WorkObserver& observer) {
  options.observer = &observer;
  return options;
}

// The value of an operation that answers inside the call.
template <typename T, typename Start>
absl::StatusOr<T> Value(Start start) {
  absl::StatusOr<T> value = absl::UnknownError("not answered");
  start(Callback<T>([&value](absl::StatusOr<T> answer) { value = std::move(answer); }));
  return value;
}

}  // namespace

std::string SpecOf(const TestJob& job) {
  internal::v1::JobSpec spec;
  spec.set_version(1);
  v1::ImageParameters& parameters = *spec.mutable_parameters();
  if (job.enlarges) {
    parameters.set_model(job.model);
    parameters.mutable_init_image()->set_name("inputs/" + job.input);
    parameters.mutable_upscale()->set_scale(2);
    parameters.mutable_upscale()->set_upscaler(job.upscaler);
    return spec.SerializeAsString();
  }
  parameters.set_prompt(job.prompt);
  parameters.set_model(job.model);
  parameters.set_width(job.size);
  parameters.set_height(job.size);
  parameters.set_steps(job.steps);
  parameters.set_sampler("Euler");
  parameters.set_schedule("Karras");
  parameters.set_guidance_scale(7.5);
  parameters.set_seed(job.seed);
  parameters.set_image_count(job.images);
  parameters.set_clip_skip(1);
  parameters.set_preview_interval(job.preview_interval);
  if (!job.input.empty()) {
    parameters.mutable_init_image()->set_name("inputs/" + job.input);
    parameters.mutable_init_image()->set_strength(job.strength);
  }
  if (!job.mask.empty()) {
    v1::Mask& mask = *parameters.mutable_init_image()->mutable_mask();
    mask.set_name("inputs/" + job.mask);
    mask.set_blur(0);
    mask.set_fill(v1::MASK_FILL_ORIGINAL);
  }
  if (job.hires_steps > 0) {
    v1::HiresFix& hires = *parameters.mutable_hires_fix();
    hires.set_scale(2);
    hires.set_upscaler(job.upscaler);
    hires.set_strength(0.5);
    hires.set_steps(job.hires_steps);
    hires.set_sampler("Euler");
    hires.set_schedule("Karras");
    hires.set_guidance_scale(7.5);
  }
  return spec.SerializeAsString();
}

absl::StatusOr<RgbImage> DecodeTestFile(absl::string_view file) {
  if (file.empty()) return absl::InvalidArgumentError("is no picture");
  constexpr int kSide = 8;
  RgbImage image{.width = kSide, .height = kSide, .pixels = {}};
  image.pixels.assign(std::size_t{3} * kSide * kSide, static_cast<std::uint8_t>(file[0]));
  return image;
}

absl::StatusOr<GreyImage> DecodeTestMask(absl::string_view file) {
  if (file.empty()) return absl::InvalidArgumentError("is no picture");
  constexpr int kSide = 8;
  GreyImage mask{.width = kSide, .height = kSide, .pixels = {}};
  for (int i = 0; i < kSide * kSide; ++i) {
    mask.pixels.push_back(file[0] == 'm' && i % kSide < kSide / 2 ? 255 : 0);
  }
  return mask;
}

std::vector<ServedModel> OneModel(const std::string& id,
                                  std::unique_ptr<diffusion::Backend> backend) {
  std::vector<ServedModel> models;
  models.push_back({id, "Fake", std::move(backend)});
  return models;
}

EngineRig::EngineRig(diffusion::FakeBackendOptions options, StepEngine::Options engine_options)
    : made(MakeBackend(clock, std::move(options))),
      backend(*made),
      engine(OneModel("fake", std::move(made)), inputs, publisher, meter, clock,
             Observed(engine_options, observed), [this] { feeder.NoteRowsFreed(); }),
      feeder({.worker = "worker-1", .observer = &observed},
             {.ids = {"fake"}, .max_images = backend.info().max_images}, store, store, keeper,
             engine, publisher, clock) {}

scheduler::JobId EngineRig::Submit(const TestJob& job) {
  scheduler::Submission submission;
  submission.id = RandomId();
  submission.tenant = kTenant;
  submission.model = job.model;
  submission.spec = SpecOf(job);
  submission.cost = absl::Seconds(1);
  submission.deadline = job.deadline;
  submission.max_queued = 1000;
  scheduler::JobId id = submission.id;
  const auto outcome = Value<scheduler::SubmitOutcome>(
      [&](auto done) { scheduler.Submit(std::move(submission), std::move(done)); });
  EXPECT_TRUE(outcome.ok()) << outcome.status();
  return id;
}

void EngineRig::Cancel(const scheduler::JobId& id) {
  const auto job = Value<scheduler::JobSnapshot>(
      [&](auto done) { scheduler.Cancel(kTenant, id, std::move(done)); });
  EXPECT_TRUE(job.ok()) << job.status();
}

void EngineRig::Pump() {
  feeder.Pump();
  inputs.Pump();  // asks
  inputs.Pump();  // has the answer, of a saved step, and asks for the picture
  inputs.Pump();  // has that, and asks for the mask
  inputs.Pump();  // has that
  keeper.Pump();
  publisher.Pump();
}

bool EngineRig::Tick() {
  Pump();
  const bool more = engine.Tick();
  Pump();
  return more;
}

void EngineRig::RunDry() {
  for (int i = 0; i < 1000; ++i) {
    if (!Tick()) return;
  }
  ADD_FAILURE() << "jobs are left after 1000 ticks";
}

scheduler::JobSnapshot EngineRig::Get(const scheduler::JobId& id) {
  scheduler::JobQueue& queue = scheduler;
  return Value<scheduler::JobSnapshot>([&](auto done) { queue.Get(kTenant, id, std::move(done)); })
      .value();
}

std::vector<scheduler::JobEvent> EngineRig::Events(const scheduler::JobId& id) {
  return Value<std::vector<scheduler::JobEvent>>([&](auto done) {
           scheduler.Read(id, 0, scheduler::EventBus::kHistory, std::move(done));
         })
      .value();
}

std::string EngineRig::Result(const scheduler::JobId& id, scheduler::Fence fence, int image) {
  scheduler::ResultStore& results = scheduler;
  return Value<std::string>([&](auto done) {
           results.Get({id, fence}, image, std::move(done));
         })
      .value_or("");
}

std::vector<std::vector<std::string>> EngineRig::Batches() const {
  std::vector<std::vector<std::string>> batches;
  for (const std::vector<diffusion::FakeRow>& batch : backend.batches()) {
    batches.emplace_back();
    for (const diffusion::FakeRow& row : batch) batches.back().push_back(row.prompt);
  }
  return batches;
}

}  // namespace darkroom::worker
