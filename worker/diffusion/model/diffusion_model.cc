#include "worker/diffusion/model/diffusion_model.h"

#include <cstddef>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/status_macros.h"
#include "worker/diffusion/adapters/adapter_set.h"
#include "worker/diffusion/ops/make_ops.h"
#include "worker/diffusion/text/tokenizer_folder.h"
#include "worker/diffusion/weights/folder_weights.h"
#include "worker/diffusion/weights/model_folder.h"
#include "worker/diffusion/weights/random_weights.h"

namespace darkroom::diffusion {
namespace {

using tokenizer::ClipTokenizer;

absl::StatusOr<at::Device> ParseDevice(absl::string_view name) {
  if (name == "cpu") return at::Device(at::kCPU);
  if (name == "cuda") return at::Device(at::kCUDA, 0);
  absl::string_view number = name;
  int index = 0;
  if (absl::ConsumePrefix(&number, "cuda:") && absl::SimpleAtoi(number, &index) && index >= 0 &&
      index < 128) {
    return at::Device(at::kCUDA, static_cast<at::DeviceIndex>(index));
  }
  return absl::InvalidArgumentError(absl::StrCat("device '", name, "' is not cpu, cuda or cuda:N"));
}

absl::Status CheckDtype(at::ScalarType dtype, at::Device device) {
  const bool known = dtype == at::kFloat || dtype == at::kBFloat16 || dtype == at::kHalf;
  if (known && (device.is_cuda() || dtype != at::kHalf)) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("the device does not compute in ", c10::toString(dtype)));
}

}  // namespace

absl::Status CheckDevice(absl::string_view device, at::ScalarType dtype) {
  DARKROOM_ASSIGN_OR_RETURN(const at::Device parsed, ParseDevice(device));
  return CheckDtype(dtype, parsed);
}

DiffusionModel::DiffusionModel(ModelConfig config, at::Device device, at::ScalarType dtype)
    : config_(std::move(config)), device_(device), dtype_(dtype), ops_(MakeOps(device)) {}

absl::StatusOr<std::unique_ptr<DiffusionModel>> DiffusionModel::Load(
    const std::filesystem::path& folder, const LoadOptions& options) {
  DARKROOM_ASSIGN_OR_RETURN(ModelConfig config, ReadModelConfig(folder));
  DARKROOM_ASSIGN_OR_RETURN(std::vector<ClipTokenizer> tokenizers, LoadTokenizers(folder, config));
  FolderWeights weights(folder);
  return Assemble(std::move(config), std::move(tokenizers), weights, options);
}

absl::StatusOr<std::unique_ptr<DiffusionModel>> DiffusionModel::Random(const ModelConfig& config,
                                                                       std::uint64_t seed,
                                                                       const LoadOptions& options) {
  DARKROOM_RETURN_IF_ERROR(CheckModelConfig(config));
  std::vector<ClipTokenizer> tokenizers;
  for (const TextEncoderConfig& encoder : config.text_encoders) {
    tokenizers.push_back(ClipTokenizer::ByteLevel(encoder.clip.vocab_size));
  }
  RandomModelWeights weights(seed);
  return Assemble(config, std::move(tokenizers), weights, options);
}

absl::StatusOr<std::unique_ptr<DiffusionModel>> DiffusionModel::Assemble(
    ModelConfig config, std::vector<ClipTokenizer> tokenizers, ModelWeights& weights,
    const LoadOptions& options) {
  DARKROOM_ASSIGN_OR_RETURN(const at::Device device, ParseDevice(options.device));
  DARKROOM_RETURN_IF_ERROR(CheckDtype(options.dtype, device));
  const auto where = at::TensorOptions().device(device).dtype(options.dtype);
  std::unique_ptr<DiffusionModel> model(
      new DiffusionModel(std::move(config), device, options.dtype));
  const ModelConfig& parts = model->config_;
  const Ops* ops = model->ops_.get();
  LoadedModules loaded;
  DARKROOM_ASSIGN_OR_RETURN(TextEncoders text, TextEncoders::Load(parts, std::move(tokenizers),
                                                                  weights, where, ops, &loaded));
  model->text_ = std::make_unique<TextEncoders>(std::move(text));
  DARKROOM_ASSIGN_OR_RETURN(
      UNet unet, LoadPart<UNet>(weights, "unet", where, [&](const WeightScope& scope) {
        return UNet::Load(parts.unet, NetworkScope(scope, Component::kUNet, &loaded), ops);
      }));
  model->unet_ = std::make_unique<const UNet>(std::move(unet));
  model->modules_ = std::make_unique<const ModuleIndex>(std::move(loaded.modules));
  model->placements_ = std::move(loaded.placements);
  const auto load_vae = [&](at::ScalarType dtype) {
    return LoadPart<Vae>(weights, "vae", where.dtype(dtype), [&](const WeightScope& scope) {
      return Vae::Load(parts.vae, scope, ops, options.vae_whole_pixels);
    });
  };
  DARKROOM_ASSIGN_OR_RETURN(Vae vae, load_vae(at::kFloat));
  model->vae_ = std::make_unique<const Vae>(std::move(vae));
  if (device.is_cuda() && options.dtype != at::kFloat) {
    model->exact_vae_ = std::move(model->vae_);
    DARKROOM_ASSIGN_OR_RETURN(Vae half, load_vae(at::kHalf));
    model->vae_ = std::make_unique<const Vae>(std::move(half));
  }
  return model;
}

absl::StatusOr<std::shared_ptr<const AdapterBranches>> DiffusionModel::LoadAdapters(
    std::string name, SafetensorsFile file) const {
  DARKROOM_ASSIGN_OR_RETURN(const AdapterSet adapters,
                            AdapterSet::Load(std::move(file), *modules_));
  return std::make_shared<const AdapterBranches>(
      std::move(name), adapters, placements_.size(),
      [this](std::size_t module) { return placements_[module]; }, *ops_);
}

}  // namespace darkroom::diffusion
