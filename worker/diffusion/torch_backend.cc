#include "worker/diffusion/torch_backend.h"

#include <algorithm>
#include <cstddef>
#include <limits>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "ATen/Context.h"
#include "ATen/Parallel.h"
#include "ATen/core/Tensor.h"
#include "ATen/ops/isfinite.h"
#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "common/status_macros.h"
#include "worker/diffusion/backend_checks.h"
#include "worker/diffusion/generation_factory.h"
#include "worker/diffusion/memory_estimate.h"
#include "worker/diffusion/model/diffusion_model.h"
#include "worker/diffusion/model/load_model.h"
#include "worker/diffusion/model_limits.h"
#include "worker/diffusion/ops/padding_mode.h"
#include "worker/diffusion/picture_conditioning.h"
#include "worker/diffusion/pixels.h"
#include "worker/diffusion/saved_images.h"
#include "worker/diffusion/torch_errors.h"
#include "worker/diffusion/torch_generation.h"
#include "worker/diffusion/upscale/upscaler_network.h"
#include "worker/diffusion/upscale_generation.h"
#include "worker/diffusion/weights/checkpoint.h"

namespace darkroom::diffusion {
namespace {

// Above so many rows a forward gains nothing more and every job waits longer for its progress.
constexpr int kUsefulRows = 32;
constexpr std::int64_t kActivationBudget = std::int64_t{4} << 30;

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

absl::StatusOr<std::shared_ptr<const UpscalerNetwork>> LoadUpscaler(const NamedFile& file,
                                                                    at::Device device) {
  return UpscalerNetwork::Load(file.path, device);
}

PaddingMode PaddingOf(bool tiling) { return tiling ? PaddingMode::kCircular : PaddingMode::kZeros; }

class TorchBackend : public Backend {
 public:
  TorchBackend(std::unique_ptr<DiffusionModel> model, ModelInfo info,
               const TorchBackendOptions& options)
      : model_(std::move(model)),
        info_(std::move(info)),
        max_rows_(options.max_rows > 0 ? options.max_rows : kUsefulRows),
        job_bytes_(options.job_bytes > 0  ? options.job_bytes
                   : options.max_rows > 0 ? std::numeric_limits<std::int64_t>::max()
                                          : kActivationBudget),
        files_{.loras = LoraFiles(options.lora_bytes, model_.get()),
               .embeddings = EmbeddingFiles(model_->config()),
               .upscalers =
                   FileCache<UpscalerNetwork>(options.upscaler_bytes,
                                              [device = model_->device()](const NamedFile& file) {
                                                return LoadUpscaler(file, device);
                                              })},
        schedule_(model_->config().schedule),
        preview_(model_->config().preview.value_or(DefaultPreviewConfig(model_->config().family))),
        denoiser_(
            [this](const at::Tensor& sample, absl::Span<const double> timesteps,
                   const Conditioning& told, const RowAdapters* rows) {
              return model_->unet().Forward(sample, timesteps, told.context, told.vector, rows);
            },
            schedule_, model_->config().schedule.prediction_type) {}

  const ModelInfo& info() const override { return info_; }
  std::string tokenizer() const override;
  void SetAdapters(AdapterFiles files) override;
  absl::StatusOr<std::unique_ptr<Generation>> Start(const ImageRequest& request) override;
  absl::StatusOr<std::string> Save(const Generation& generation, std::size_t max_bytes) override;
  absl::StatusOr<std::unique_ptr<Generation>> Continue(const ImageRequest& request,
                                                       absl::string_view saved) override;
  int max_rows(const BatchKey& key) const override;
  absl::StatusOr<std::vector<absl::Status>> Step(absl::Span<const Row> rows) override;
  absl::StatusOr<std::int64_t> Scale(Generation& generation, int image) override;
  absl::StatusOr<RgbImage> Preview(const Generation& generation, int image) override;
  absl::StatusOr<RgbImage> Decode(const Generation& generation, int image) override;

 private:
  // From what Save has returned; nothing: from its beginning.
  absl::StatusOr<std::unique_ptr<Generation>> Begin(const ImageRequest& request,
                                                    std::optional<absl::string_view> saved);
  // What else than the model the numbers of a generation depend on: the device, and the files that
  // requests have called since this was asked last.
  std::string TakeMaker();

  const std::unique_ptr<DiffusionModel> model_;
  const ModelInfo info_;
  const int max_rows_;            // 0: what is useful
  const std::int64_t job_bytes_;  // of a forward
  PromptFiles files_;
  const NoiseSchedule schedule_;
  const PreviewConfig preview_;
  const GuidedDenoiser denoiser_;
};

void TorchBackend::SetAdapters(AdapterFiles files) {
  files_.loras.SetFiles(std::move(files.loras));
  files_.upscalers.SetFiles(std::move(files.upscalers));
  files_.embeddings.SetFiles(std::move(files.embeddings), model_->text().tokenizer());
}

std::string TorchBackend::tokenizer() const { return model_->text().tokenizer().Serialise(); }

absl::StatusOr<std::unique_ptr<Generation>> TorchBackend::Start(const ImageRequest& request) {
  DARKROOM_RETURN_IF_ERROR(CheckRequest(request, info_));
  return Guarded([&]() -> absl::StatusOr<std::unique_ptr<Generation>> {
    if (request.upscale.has_value()) {
      return UpscaleGeneration::Prepare(files_.upscalers, *request.upscale);
    }
    return Begin(request, std::nullopt);
  });
}

absl::StatusOr<std::unique_ptr<Generation>> TorchBackend::Begin(
    const ImageRequest& request, std::optional<absl::string_view> saved) {
  const PaddingModeScope padding(PaddingOf(request.tiling));
  TakeMaker();  // of requests that were refused
  DARKROOM_ASSIGN_OR_RETURN(std::unique_ptr<TorchGeneration> generation,
                            PrepareGeneration(*model_, files_, schedule_, request));
  generation->set_maker(TakeMaker());
  if (saved.has_value()) {
    DARKROOM_ASSIGN_OR_RETURN(std::vector<SavedImage> images,
                              DecodeImages(*saved, generation->maker()));
    DARKROOM_RETURN_IF_ERROR(generation->GoOnFrom(std::move(images)));
  }
  DARKROOM_RETURN_IF_ERROR(generation->Start());
  return generation;
}

std::string TorchBackend::TakeMaker() {
  std::string maker = absl::StrCat(c10::DeviceTypeName(model_->device().type()), " ",
                                   c10::toString(model_->dtype()));
  for (const std::set<std::string>& called :
       {files_.loras.TakeCalled(), files_.embeddings.TakeCalled(), files_.upscalers.TakeCalled()}) {
    for (const std::string& file : called) absl::StrAppend(&maker, "\n", file);
  }
  return maker;
}

absl::StatusOr<std::string> TorchBackend::Save(const Generation& generation,
                                               std::size_t max_bytes) {
  return Guarded([&]() -> absl::StatusOr<std::string> {
    const auto* state = dynamic_cast<const TorchGeneration*>(&generation);
    if (state == nullptr) {
      return absl::UnimplementedError("a picture that is only made larger begins anew");
    }
    return EncodeImages(state->saved(), state->maker(), max_bytes);
  });
}

absl::StatusOr<std::unique_ptr<Generation>> TorchBackend::Continue(const ImageRequest& request,
                                                                   absl::string_view saved) {
  DARKROOM_RETURN_IF_ERROR(CheckRequest(request, info_));
  return Guarded([&]() -> absl::StatusOr<std::unique_ptr<Generation>> {
    if (request.upscale.has_value()) {
      return absl::DataLossError("a picture that is only made larger has no saved step");
    }
    return Begin(request, saved);
  });
}

int TorchBackend::max_rows(const BatchKey& key) const {
  constexpr int kHalves = 2;  // conditional and not
  const auto element_bytes = static_cast<int>(c10::elementSize(model_->dtype()));
  const auto fits = [&](int rows) {
    return UNetBytes(model_->config().unet, key, kHalves * rows, element_bytes) <= job_bytes_;
  };
  int rows = 1;
  while (rows < max_rows_ && fits(rows + 1)) ++rows;
  return rows;
}

absl::StatusOr<std::vector<absl::Status>> TorchBackend::Step(absl::Span<const Row> rows) {
  const int limit = rows.empty() ? 1 : max_rows(rows[0].generation->batch_key(rows[0].image));
  DARKROOM_RETURN_IF_ERROR(CheckRows(rows, limit));
  const PaddingModeScope padding(PaddingOf(rows[0].generation->batch_key(rows[0].image).tiling));
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

absl::StatusOr<std::int64_t> TorchBackend::Scale(Generation& generation, int image) {
  return Guarded([&] {
    if (auto* upscale = dynamic_cast<UpscaleGeneration*>(&generation)) return upscale->Scale();
    const PaddingModeScope padding(PaddingOf(generation.batch_key(image).tiling));
    return static_cast<TorchGeneration&>(generation).Scale(image);
  });
}

absl::StatusOr<RgbImage> TorchBackend::Preview(const Generation& generation, int image) {
  return Guarded([&]() -> absl::StatusOr<RgbImage> {
    const auto& state = static_cast<const TorchGeneration&>(generation);
    return PreviewImage(state.estimate(image), preview_);
  });
}

absl::StatusOr<RgbImage> TorchBackend::Decode(const Generation& generation, int image) {
  return Guarded([&]() -> absl::StatusOr<RgbImage> {
    if (const auto* upscale = dynamic_cast<const UpscaleGeneration*>(&generation)) {
      return upscale->picture();
    }
    const PaddingModeScope padding(PaddingOf(generation.batch_key(image).tiling));
    const auto& state = static_cast<const TorchGeneration&>(generation);
    return DecodeLatent(*model_, state.latent(image));
  });
}

std::int64_t WholePixels(const TorchBackendOptions& options) {
  return options.vae_whole_pixels > 0 ? options.vae_whole_pixels : kVaeWholePixels;
}

// `defaults` is where ReadModelDefaults looks, or empty.
absl::StatusOr<ModelInfo> InfoOf(const ModelConfig& config, const TorchBackendOptions& options,
                                 at::ScalarType dtype, const std::filesystem::path& defaults) {
  ModelInfo info = DeriveModelInfo(config);
  info.hash = options.model_hash;
  if (!defaults.empty()) DARKROOM_RETURN_IF_ERROR(ReadModelDefaults(defaults, &info));
  if (options.job_bytes > 0) {
    DARKROOM_RETURN_IF_ERROR(LimitToMemory(config, WholePixels(options),
                                           static_cast<int>(c10::elementSize(dtype)),
                                           options.job_bytes, &info));
  }
  return info;
}

std::filesystem::path DefaultsOf(const std::filesystem::path& model) {
  return std::filesystem::is_directory(model) ? model / "darkroom.json" : CheckpointSettings(model);
}

ModelFiles FilesOf(const std::filesystem::path& model, const TorchBackendOptions& options) {
  return {.model = model, .vae = options.vae, .tokenizer = options.tokenizer};
}

// `load`: LoadOptions to a StatusOr of a model. `defaults` as InfoOf takes it.
template <typename Load>
absl::StatusOr<std::unique_ptr<Backend>> MakeBackend(const TorchBackendOptions& options,
                                                     const std::filesystem::path& defaults,
                                                     const Load& load) {
  DARKROOM_ASSIGN_OR_RETURN(const at::ScalarType dtype, ParseDtype(options));
  return Guarded([&]() -> absl::StatusOr<std::unique_ptr<Backend>> {
    if (options.threads > 0) at::set_num_threads(options.threads);
    RequireFullPrecision();
    DARKROOM_ASSIGN_OR_RETURN(
        std::unique_ptr<DiffusionModel> model,
        load(LoadOptions{
            .device = options.device, .dtype = dtype, .vae_whole_pixels = WholePixels(options)}));
    DARKROOM_ASSIGN_OR_RETURN(ModelInfo info, InfoOf(model->config(), options, dtype, defaults));
    return std::make_unique<TorchBackend>(std::move(model), std::move(info), options);
  });
}

}  // namespace

absl::Status CheckDevice(const TorchBackendOptions& options) {
  DARKROOM_ASSIGN_OR_RETURN(const at::ScalarType dtype, ParseDtype(options));
  return CheckDevice(options.device, dtype);
}

absl::StatusOr<std::unique_ptr<Backend>> LoadTorchBackend(const std::filesystem::path& path,
                                                          const TorchBackendOptions& options) {
  return MakeBackend(options, DefaultsOf(path), [&](const LoadOptions& load) {
    return LoadModel(FilesOf(path, options), load);
  });
}

absl::StatusOr<ModelDescription> DescribeModel(const std::filesystem::path& path,
                                               const TorchBackendOptions& options) {
  DARKROOM_ASSIGN_OR_RETURN(const at::ScalarType dtype, ParseDtype(options));
  return Guarded([&]() -> absl::StatusOr<ModelDescription> {
    DARKROOM_ASSIGN_OR_RETURN(const OpenedModel model, OpenModel(FilesOf(path, options)));
    DARKROOM_ASSIGN_OR_RETURN(ModelInfo info,
                              InfoOf(model.config, options, dtype, DefaultsOf(path)));
    // DiffusionModel::vae says which copies there are.
    const int vae_bytes = options.device == "cpu" || dtype == at::kFloat ? 4 : 4 + 2;
    return ModelDescription{
        .info = std::move(info),
        .tokenizer = model.tokenizers[0].Serialise(),
        .bytes = model.sizes.networks * static_cast<std::int64_t>(c10::elementSize(dtype)) +
                 model.sizes.vae * vae_bytes};
  });
}

absl::StatusOr<std::unique_ptr<Backend>> RandomTorchBackend(const ModelConfig& config,
                                                            const TorchBackendOptions& options) {
  constexpr std::uint64_t kSeed = 0;
  return MakeBackend(options, {}, [&config](const LoadOptions& load) {
    return DiffusionModel::Random(config, kSeed, load);
  });
}

}  // namespace darkroom::diffusion
