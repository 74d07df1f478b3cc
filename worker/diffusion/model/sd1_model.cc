#include "worker/diffusion/model/sd1_model.h"

#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/status_macros.h"
#include "worker/diffusion/ops/cpu_ops.h"
#include "worker/diffusion/ops/reference.h"
#include "worker/diffusion/text/tokenizer_folder.h"
#include "worker/diffusion/weights/file_weights.h"
#include "worker/diffusion/weights/model_folder.h"
#include "worker/diffusion/weights/random_weights.h"
#include "worker/diffusion/weights/weight_source.h"

namespace darkroom::diffusion {
namespace {

using tokenizer::ClipTokenizer;

// The positions 0 to 76, which older files of the text model carry along.
constexpr absl::string_view kIgnorable[] = {"text_model.embeddings.position_ids",
                                            "embeddings.position_ids"};

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

// Loads one part of a model from its file with `load`, and sees that the file has nothing else.
template <typename Load>
auto LoadPart(const std::filesystem::path& folder, absl::string_view part,
              at::TensorOptions options, Load load) -> decltype(load(std::declval<WeightScope>())) {
  DARKROOM_ASSIGN_OR_RETURN(const std::filesystem::path path, FindWeights(folder, part));
  DARKROOM_ASSIGN_OR_RETURN(SafetensorsFile file, SafetensorsFile::Open(path));
  FileWeights weights(std::move(file), options);
  auto loaded = load(WeightScope(&weights));
  if (!loaded.ok()) return loaded;
  DARKROOM_RETURN_IF_ERROR(weights.CheckAllTaken(kIgnorable));
  return loaded;
}

template <typename Part>
std::unique_ptr<const Part> Own(Part part) {
  return std::make_unique<const Part>(std::move(part));
}

std::unique_ptr<const Ops> MakeOps(at::Device device) {
  if (device.is_cpu()) return std::make_unique<CpuOps>();
  return std::make_unique<ReferenceOps>();
}

}  // namespace

Sd1Model::Sd1Model(ModelConfig config, at::Device device, at::ScalarType dtype)
    : config_(std::move(config)), device_(device), dtype_(dtype), ops_(MakeOps(device)) {}

absl::StatusOr<std::unique_ptr<Sd1Model>> Sd1Model::Load(const std::filesystem::path& folder,
                                                         const LoadOptions& options) {
  DARKROOM_ASSIGN_OR_RETURN(ModelConfig config, ReadModelConfig(folder));
  DARKROOM_ASSIGN_OR_RETURN(ClipTokenizer tokenizer,
                            LoadTokenizer(folder / "tokenizer", config.tokenizer));
  if (tokenizer.vocab_size() > config.text.vocab_size) {
    return absl::InvalidArgumentError(
        absl::StrCat(folder.string(), ": the tokenizer has ids that the text model does not know"));
  }
  const auto take_from_file = [&](absl::string_view part, at::TensorOptions where, auto load) {
    return LoadPart(folder, part, where, load);
  };
  return Assemble(std::move(config), std::move(tokenizer), options, take_from_file);
}

absl::StatusOr<std::unique_ptr<Sd1Model>> Sd1Model::Random(const ModelConfig& config,
                                                           std::uint64_t seed,
                                                           const LoadOptions& options) {
  DARKROOM_RETURN_IF_ERROR(CheckModelConfig(config));
  const auto draw = [seed](absl::string_view, at::TensorOptions where, auto load) {
    RandomWeights weights(seed, where);
    return load(WeightScope(&weights));
  };
  return Assemble(config, ClipTokenizer::ByteLevel(config.text.vocab_size), options, draw);
}

template <typename PartLoader>
absl::StatusOr<std::unique_ptr<Sd1Model>> Sd1Model::Assemble(ModelConfig config,
                                                             ClipTokenizer tokenizer,
                                                             const LoadOptions& options,
                                                             PartLoader load_part) {
  DARKROOM_ASSIGN_OR_RETURN(const at::Device device, ParseDevice(options.device));
  DARKROOM_RETURN_IF_ERROR(CheckDtype(options.dtype, device));
  const auto where = at::TensorOptions().device(device).dtype(options.dtype);
  std::unique_ptr<Sd1Model> model(new Sd1Model(std::move(config), device, options.dtype));
  const Ops* ops = model->ops_.get();
  model->tokenizer_ = std::make_unique<ClipTokenizer>(std::move(tokenizer));
  DARKROOM_ASSIGN_OR_RETURN(ClipTextModel text,
                            load_part("text_encoder", where, [&](const WeightScope& weights) {
                              return ClipTextModel::Load(model->config_.text, weights, ops);
                            }));
  model->text_model_ = Own(std::move(text));
  DARKROOM_ASSIGN_OR_RETURN(UNet unet, load_part("unet", where, [&](const WeightScope& weights) {
                              return UNet::Load(model->config_.unet, weights, ops);
                            }));
  model->unet_ = Own(std::move(unet));
  const auto load_vae = [&](const WeightScope& weights) {
    return Vae::Load(model->config_.vae, weights, ops);
  };
  DARKROOM_ASSIGN_OR_RETURN(Vae vae, load_part("vae", where.dtype(at::kFloat), load_vae));
  model->vae_ = Own(std::move(vae));
  if (device.is_cuda() && options.dtype != at::kFloat) {
    model->exact_vae_ = std::move(model->vae_);
    DARKROOM_ASSIGN_OR_RETURN(Vae half, load_part("vae", where.dtype(at::kHalf), load_vae));
    model->vae_ = Own(std::move(half));
  }
  return model;
}

}  // namespace darkroom::diffusion
