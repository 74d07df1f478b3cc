#include "worker/diffusion/torch_backend.h"

#include <algorithm>
#include <cstddef>
#include <exception>
#include <new>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "ATen/Context.h"
#include "ATen/Parallel.h"
#include "ATen/core/Tensor.h"
#include "ATen/ops/isfinite.h"
#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "c10/core/InferenceMode.h"
#include "c10/util/Exception.h"
#include "common/status_macros.h"
#include "naming/img2img_steps.h"
#include "prompt/chunks.h"
#include "prompt/plan.h"
#include "tokenizer/prompt_tokenizer.h"
#include "worker/diffusion/backend_checks.h"
#include "worker/diffusion/model/diffusion_model.h"
#include "worker/diffusion/model/load_model.h"
#include "worker/diffusion/model_limits.h"
#include "worker/diffusion/pixels.h"
#include "worker/diffusion/prompt_encoder.h"
#include "worker/diffusion/sampling/image_noise.h"
#include "worker/diffusion/sampling/sampler_registry.h"
#include "worker/diffusion/sdxl_conditioning.h"
#include "worker/diffusion/torch_generation.h"
#include "worker/diffusion/weights/checkpoint.h"

namespace darkroom::diffusion {
namespace {

// Above so many rows a forward gains nothing more and every job waits longer for its progress.
constexpr int kUsefulRows = 32;
constexpr std::int64_t kActivationBudget = std::int64_t{4} << 30;

absl::Status ToStatus(const c10::Error& error) {
  const std::string message = error.what_without_backtrace();
  const bool out_of_memory = dynamic_cast<const c10::OutOfMemoryError*>(&error) != nullptr ||
                             absl::StrContains(message, "DefaultCPUAllocator");
  return out_of_memory ? absl::ResourceExhaustedError(message) : absl::InternalError(message);
}

// The only place where torch's exceptions end. Runs `body`, which returns a Status or a StatusOr,
// without autograd.
template <typename Body>
auto Guarded(const Body& body) -> decltype(body()) {
  try {
    const c10::InferenceMode inference;
    return body();
  } catch (const c10::Error& error) {
    return ToStatus(error);
  } catch (const std::bad_alloc&) {
    return absl::ResourceExhaustedError("out of memory");
  } catch (const std::exception& error) {
    return absl::InternalError(error.what());
  }
}

// Nothing below the dtype that was asked for, and the same kernels for the same shapes every time.
// For the whole process; on a CPU these are the defaults.
void RequireFullPrecision() {
  at::Context& context = at::globalContext();
  context.setAllowTF32CuDNN(false);
  context.setAllowTF32CuBLAS(false);
  context.setAllowFP16ReductionCuBLAS(false);
  context.setAllowBF16ReductionCuBLAS(false);
  context.setBenchmarkCuDNN(false);
  context.setDeterministicCuDNN(true);
}

absl::StatusOr<at::ScalarType> ParseDtype(const TorchBackendOptions& options) {
  if (options.dtype == "auto") return options.device == "cpu" ? at::kFloat : at::kHalf;
  if (options.dtype == "float32") return at::kFloat;
  if (options.dtype == "float16") return at::kHalf;
  if (options.dtype == "bfloat16") return at::kBFloat16;
  return absl::InvalidArgumentError(
      absl::StrCat("dtype '", options.dtype, "' is not auto, float32, float16 or bfloat16"));
}

bool AllFinite(const at::Tensor& tensor) { return at::isfinite(tensor).all().item<bool>(); }

// A request has a text alone to start from.
absl::Status CheckInputs(const ModelConfig& config) {
  const std::optional<UNetInputs> inputs = InputsOf(config.unet, config.vae);
  if (inputs == UNetInputs::kLatent) return absl::OkStatus();
  return absl::InvalidArgumentError(
      inputs == UNetInputs::kInpainting
          ? "model is made for inpainting: it needs a picture and a mask, and makes none of a text "
            "alone; choose another model"
          : "model is made for changing pictures by instruction: it needs a picture, and makes "
            "none "
            "of a text alone; choose another model");
}

SigmaOptions ToSigmaOptions(const ScheduleSettings& settings) {
  return {.sigma_min = settings.sigma_min,
          .sigma_max = settings.sigma_max,
          .rho = settings.rho,
          .beta_alpha = settings.beta_alpha,
          .beta_beta = settings.beta_beta,
          .discard_next_to_last = settings.discard_next_to_last_sigma};
}

SamplerOptions ToSamplerOptions(const SamplerSettings& settings, const SamplerDefinition& sampler) {
  SamplerOptions options{.eta = settings.eta.value_or(sampler.facts().default_eta),
                         .s_churn = settings.s_churn,
                         .s_tmin = settings.s_tmin,
                         .s_noise = settings.s_noise};
  if (settings.s_tmax > 0) options.s_tmax = settings.s_tmax;
  return options;
}

class TorchBackend : public Backend {
 public:
  TorchBackend(std::unique_ptr<DiffusionModel> model, ModelInfo info, int max_rows)
      : model_(std::move(model)),
        info_(std::move(info)),
        max_rows_(max_rows),
        schedule_(model_->config().schedule),
        preview_(model_->config().preview.value_or(DefaultPreviewConfig(model_->config().family))),
        denoiser_(
            [this](const at::Tensor& sample, absl::Span<const double> timesteps,
                   const Conditioning& told) {
              return model_->unet().Forward(sample, timesteps, told.context, told.vector);
            },
            schedule_, model_->config().schedule.prediction_type) {}

  const ModelInfo& info() const override { return info_; }
  std::string tokenizer() const override;
  absl::StatusOr<std::unique_ptr<Generation>> Start(const ImageRequest& request) override;
  int max_rows(const BatchKey& key) const override;
  absl::StatusOr<std::vector<absl::Status>> Step(absl::Span<const Row> rows) override;
  absl::StatusOr<RgbImage> Preview(const Generation& generation, int image) override;
  absl::StatusOr<RgbImage> Decode(const Generation& generation, int image) override;

 private:
  absl::StatusOr<Guidance> Encode(const ImageRequest& request, const SamplerDefinition& sampler);
  absl::StatusOr<std::unique_ptr<TorchGeneration>> Prepare(const ImageRequest& request);

  // What all samplers of a request begin with.
  struct Beginning {
    std::vector<double> sigmas;
    std::optional<InitLatent> init;
  };
  absl::StatusOr<Beginning> Begin(const ImageRequest& request, const SamplerDefinition& sampler);
  // [1, 4, h, w] float32, on the device.
  absl::StatusOr<at::Tensor> EncodePicture(const RgbImage& picture);

  const std::unique_ptr<DiffusionModel> model_;
  const ModelInfo info_;
  const int max_rows_;  // 0: derived
  const NoiseSchedule schedule_;
  const PreviewConfig preview_;
  const GuidedDenoiser denoiser_;
};

std::string TorchBackend::tokenizer() const { return model_->text().tokenizer().Serialise(); }

absl::StatusOr<std::unique_ptr<Generation>> TorchBackend::Start(const ImageRequest& request) {
  DARKROOM_RETURN_IF_ERROR(CheckRequest(request, info_));
  DARKROOM_RETURN_IF_ERROR(CheckInputs(model_->config()));
  return Guarded([&]() -> absl::StatusOr<std::unique_ptr<Generation>> {
    DARKROOM_ASSIGN_OR_RETURN(std::unique_ptr<TorchGeneration> generation, Prepare(request));
    generation->Start();
    return generation;
  });
}

absl::StatusOr<std::unique_ptr<TorchGeneration>> TorchBackend::Prepare(
    const ImageRequest& request) {
  const SamplerDefinition* sampler = FindSampler(request.sampler);
  if (sampler == nullptr) return absl::InternalError("a sampler's name without the sampler");
  DARKROOM_ASSIGN_OR_RETURN(const Beginning beginning, Begin(request, *sampler));
  DARKROOM_ASSIGN_OR_RETURN(Guidance guidance, Encode(request, *sampler));
  const int scale = model_->config().vae.scale();
  const BatchKey key{.latent_height = request.height / scale,
                     .latent_width = request.width / scale,
                     .chunks = static_cast<int>(MaxTokens(guidance)) / prompt::kChunkLength};
  const SeedOptions seeds{.source = request.noise_source,
                          .seed = request.seed,
                          .variation = request.variation,
                          .resize_from_height = request.seed_resize_from.height / scale,
                          .resize_from_width = request.seed_resize_from.width / scale,
                          .eta_seed_delta = request.eta_seed_delta};
  const LatentShape shape{.height = key.latent_height, .width = key.latent_width};
  std::vector<std::unique_ptr<SamplerContext>> contexts;
  for (int i = 0; i < request.image_count; ++i) {
    contexts.push_back(std::make_unique<SamplerContext>(
        schedule_, SamplerInput{.sigmas = beginning.sigmas,
                                .generator = MakeImageNoise(seeds, i, shape),
                                .noise_source = request.noise_source,
                                .seed = SeedsOfImage(request.seed, request.variation, i).seed,
                                .options = ToSamplerOptions(request.sampler_settings, *sampler),
                                .height = key.latent_height,
                                .width = key.latent_width,
                                .device = model_->device(),
                                .init = beginning.init}));
  }
  return std::make_unique<TorchGeneration>(key, std::move(guidance), sampler->function,
                                           std::move(contexts));
}

absl::StatusOr<TorchBackend::Beginning> TorchBackend::Begin(const ImageRequest& request,
                                                            const SamplerDefinition& sampler) {
  const SigmaOptions options = ToSigmaOptions(request.schedule_settings);
  Beginning beginning;
  if (!request.init.has_value()) {
    DARKROOM_ASSIGN_OR_RETURN(beginning.sigmas, ResolveSigmas(sampler, request.schedule, schedule_,
                                                              request.steps, options));
    return beginning;
  }
  const int encoded_steps = naming::EncodedSteps(request.init->strength, request.steps);
  DARKROOM_ASSIGN_OR_RETURN(InitSchedule schedule,
                            ResolveInitSigmas(sampler, request.schedule, schedule_, request.steps,
                                              encoded_steps, options));
  beginning.sigmas = std::move(schedule.sigmas);
  DARKROOM_ASSIGN_OR_RETURN(at::Tensor latent, EncodePicture(request.init->picture));
  beginning.init = InitLatent{.latent = std::move(latent),
                              .steps = request.steps + (options.discard_next_to_last ? 1 : 0),
                              .encoded_steps = encoded_steps,
                              .first_sigma = schedule.first_sigma};
  return beginning;
}

// The mean of what the encoder returns, so that a picture gives the same latent every time.
// AUTOMATIC1111 draws from the distribution, with a generator that no seed of the request sets.
absl::StatusOr<at::Tensor> TorchBackend::EncodePicture(const RgbImage& picture) {
  const at::Tensor pixels = ToPixels(picture).to(model_->device());
  at::Tensor mean = model_->vae().Encode(pixels).mean;
  if (!AllFinite(mean)) mean = model_->exact_vae().Encode(pixels).mean;
  if (!AllFinite(mean)) return absl::InternalError("the encoded picture is not finite");
  return model_->vae().ToUNetSpace(mean);
}

// Every job is encoded alone: neighbours cannot change it. Networks are taken out of the prompt.
absl::StatusOr<Guidance> TorchBackend::Encode(const ImageRequest& request,
                                              const SamplerDefinition& sampler) {
  const prompt::PassSteps pass = PassOf(request);
  PromptEncoder encoder(model_->text().models(),
                        tokenizer::MakePromptTokenizer(model_->text().tokenizer()),
                        {.emphasis = request.emphasis, .clip_skip = request.clip_skip});
  const PictureSize size = {.width = request.width, .height = request.height};
  const auto encode = [&](const prompt::Schedule& schedule,
                          PromptSide side) -> absl::StatusOr<ConditioningSchedule> {
    DARKROOM_ASSIGN_OR_RETURN(const ConditioningSchedule texts, encoder.Encode(schedule));
    return CompleteConditioning(model_->config(), size, side, schedule, texts);
  };
  Guidance guidance{
      .conds = {},
      .scale = request.guidance_scale * sampler.guidance_factor,
      .rescale = request.guidance_settings.rescale,
      .min_uncond_sigma = request.guidance_settings.min_negative_sigma,
      .skip_uncond_at_every_call = request.guidance_settings.skip_negative_at_every_call,
      .compares_timesteps = sampler.facts().over_timesteps};
  double weights = 0;
  for (const prompt::PlannedPart& part : prompt::PlanPrompt(request.prompt, pass).parts) {
    DARKROOM_ASSIGN_OR_RETURN(ConditioningSchedule conditioning,
                              encode(part.schedule, PromptSide::kPositive));
    guidance.conds.push_back({.conditioning = std::move(conditioning), .weight = part.weight});
    weights += part.weight;
  }
  const bool uncond_cancels = guidance.scale == 1 && weights == 1;
  if (uncond_cancels && !sampler.uses_uncond) return guidance;
  const prompt::PromptPlan negative = prompt::PlanNegativePrompt(request.negative_prompt, pass);
  DARKROOM_ASSIGN_OR_RETURN(guidance.uncond,
                            encode(negative.parts[0].schedule, PromptSide::kNegative));
  return guidance;
}

int TorchBackend::max_rows(const BatchKey& key) const {
  if (max_rows_ > 0) return max_rows_;
  const auto element_bytes = static_cast<int>(c10::elementSize(model_->dtype()));
  const std::int64_t fitting =
      kActivationBudget / ActivationBytes(model_->config().unet, key, element_bytes);
  return static_cast<int>(std::clamp<std::int64_t>(fitting, 1, kUsefulRows));
}

absl::StatusOr<std::vector<absl::Status>> TorchBackend::Step(absl::Span<const Row> rows) {
  const int limit = rows.empty() ? 1 : max_rows(rows[0].generation->batch_key());
  DARKROOM_RETURN_IF_ERROR(CheckRows(rows, limit));
  std::vector<GuidedCall> calls;
  for (const Row& row : rows) {
    calls.push_back(static_cast<TorchGeneration*>(row.generation)->call(row.image));
  }
  Prediction all;
  at::Tensor finite;  // [R] bool, on the CPU: a GPU is waited for once, not once a row
  DARKROOM_RETURN_IF_ERROR(Guarded([&]() -> absl::Status {
    // Two halves a call are what the limit is for.
    all = denoiser_.Denoise(calls, std::size_t{2} * limit);
    finite = at::isfinite(all.denoised).flatten(1).all(1).cpu();
    return absl::OkStatus();
  }));
  std::vector<absl::Status> statuses;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    statuses.push_back(Guarded([&]() -> absl::Status {
      if (!finite.const_data_ptr<bool>()[i]) {
        return absl::InternalError("the denoiser's prediction is not finite");
      }
      const auto index = static_cast<std::int64_t>(i);
      return static_cast<TorchGeneration*>(rows[i].generation)
          ->Advance(rows[i].image, {.denoised = all.denoised.narrow(0, index, 1),
                                    .uncond = all.uncond.narrow(0, index, 1)});
    }));
  }
  return statuses;
}

absl::StatusOr<RgbImage> TorchBackend::Preview(const Generation& generation, int image) {
  return Guarded([&]() -> absl::StatusOr<RgbImage> {
    const auto& state = static_cast<const TorchGeneration&>(generation);
    return PreviewImage(state.estimate(image), preview_);
  });
}

absl::StatusOr<RgbImage> TorchBackend::Decode(const Generation& generation, int image) {
  return Guarded([&]() -> absl::StatusOr<RgbImage> {
    const auto& state = static_cast<const TorchGeneration&>(generation);
    const at::Tensor latent = model_->vae().FromUNetSpace(state.latent(image));
    at::Tensor pixels = model_->vae().Decode(latent);
    if (!AllFinite(pixels)) pixels = model_->exact_vae().Decode(latent);
    if (!AllFinite(pixels)) return absl::InternalError("the decoded picture is not finite");
    return ToRgbImage(pixels);
  });
}

// `load`: LoadOptions to a StatusOr of a model. `defaults` is where ReadModelDefaults looks,
// or empty.
template <typename Load>
absl::StatusOr<std::unique_ptr<Backend>> MakeBackend(const TorchBackendOptions& options,
                                                     const std::filesystem::path& defaults,
                                                     const Load& load) {
  DARKROOM_ASSIGN_OR_RETURN(const at::ScalarType dtype, ParseDtype(options));
  return Guarded([&]() -> absl::StatusOr<std::unique_ptr<Backend>> {
    if (options.threads > 0) at::set_num_threads(options.threads);
    RequireFullPrecision();
    DARKROOM_ASSIGN_OR_RETURN(std::unique_ptr<DiffusionModel> model,
                              load(LoadOptions{.device = options.device, .dtype = dtype}));
    ModelInfo info = DeriveModelInfo(model->config());
    info.hash = options.model_hash;
    if (!defaults.empty()) DARKROOM_RETURN_IF_ERROR(ReadModelDefaults(defaults, &info));
    return std::make_unique<TorchBackend>(std::move(model), std::move(info), options.max_rows);
  });
}

}  // namespace

absl::StatusOr<std::unique_ptr<Backend>> LoadTorchBackend(const std::filesystem::path& path,
                                                          const TorchBackendOptions& options) {
  const std::filesystem::path defaults =
      std::filesystem::is_directory(path) ? path / "darkroom.json" : CheckpointSettings(path);
  const ModelFiles files{.model = path, .vae = options.vae, .tokenizer = options.tokenizer};
  return MakeBackend(options, defaults,
                     [&](const LoadOptions& load) { return LoadModel(files, load); });
}

absl::StatusOr<std::unique_ptr<Backend>> RandomTorchBackend(const ModelConfig& config,
                                                            const TorchBackendOptions& options) {
  constexpr std::uint64_t kSeed = 0;
  return MakeBackend(options, {}, [&config](const LoadOptions& load) {
    return DiffusionModel::Random(config, kSeed, load);
  });
}

}  // namespace darkroom::diffusion
