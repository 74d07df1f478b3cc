#include "tests/golden/golden_check.h"

#include <cstdint>
#include <utility>

#include "ATen/core/Tensor.h"
#include "ATen/ops/cat.h"
#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "c10/core/InferenceMode.h"
#include "common/file.h"
#include "common/status_macros.h"
#include "prompt/schedule.h"
#include "tokenizer/prompt_tokenizer.h"
#include "worker/diffusion/model/unet.h"
#include "worker/diffusion/model/vae.h"
#include "worker/diffusion/ops/cpu_ops.h"
#include "worker/diffusion/prompt_encoder.h"
#include "worker/diffusion/sdxl_conditioning.h"
#include "worker/diffusion/text/text_encoders.h"
#include "worker/diffusion/weights/file_weights.h"
#include "worker/diffusion/weights/json.h"

namespace darkroom::diffusion {
namespace {

// The tensors and prompts of a golden folder.
class Golden {
 public:
  using Shapes = absl::flat_hash_map<std::string, std::vector<std::int64_t>>;

  static absl::StatusOr<Golden> Open(const std::filesystem::path& folder) {
    DARKROOM_ASSIGN_OR_RETURN(SafetensorsFile file,
                              SafetensorsFile::Open(folder / "golden.safetensors"));
    DARKROOM_ASSIGN_OR_RETURN(const std::string text,
                              ReadFile(folder / "prompts.json", std::size_t{1} << 20));
    DARKROOM_ASSIGN_OR_RETURN(const Json prompts, Json::Parse(text));
    Shapes shapes;
    for (const auto& [name, view] : file.tensors()) shapes.emplace(name, view.shape);
    Golden golden(std::move(file), std::move(shapes));
    if (prompts.array() == nullptr) return absl::InvalidArgumentError("prompts.json: no array");
    for (const Json& prompt : *prompts.array()) {
      if (prompt.string() == nullptr) return absl::InvalidArgumentError("prompts.json: no string");
      golden.prompts_.push_back(*prompt.string());
    }
    return golden;
  }

  const std::vector<std::string>& prompts() const { return prompts_; }

  absl::StatusOr<at::Tensor> Get(const std::string& name) {
    const auto found = shapes_.find(name);
    if (found == shapes_.end()) {
      return absl::InvalidArgumentError(absl::StrCat("the golden file has no ", name));
    }
    return weights_.Take(name, found->second);
  }

 private:
  Golden(SafetensorsFile file, Shapes shapes)
      : shapes_(std::move(shapes)), weights_(std::move(file), at::kFloat) {}

  Shapes shapes_;
  FileWeights weights_;
  std::vector<std::string> prompts_;
};

// The conditioning of each prompt, as rows.
absl::StatusOr<Conditioning> EncodeAll(TextEncoders& text, const ModelConfig& config,
                                       const std::vector<std::string>& prompts, int clip_skip,
                                       PictureSize size, PromptSide side) {
  PromptEncoder encoder(text.models(), tokenizer::MakePromptTokenizer(text.tokenizer()),
                        {.emphasis = prompt::Emphasis::kNone, .clip_skip = clip_skip});
  std::vector<at::Tensor> contexts;
  std::vector<at::Tensor> vectors;
  for (const std::string& prompt : prompts) {
    const prompt::Schedule schedule = prompt::MakeSchedule(prompt, {.steps = 1});
    DARKROOM_ASSIGN_OR_RETURN(const ConditioningSchedule encoded, encoder.Encode(schedule));
    const ConditioningSchedule complete =
        CompleteConditioning(config, size, side, schedule, encoded);
    contexts.push_back(complete.At(0).context);
    if (complete.At(0).vector.defined()) vectors.push_back(complete.At(0).vector);
  }
  return Conditioning{.context = at::cat(contexts),
                      .vector = vectors.empty() ? at::Tensor() : at::cat(vectors)};
}

absl::Status Compare(const std::string& output, const at::Tensor& actual, Golden* golden,
                     std::vector<GoldenError>* errors) {
  DARKROOM_ASSIGN_OR_RETURN(const at::Tensor expected, golden->Get(output));
  if (actual.sizes() != expected.sizes()) {
    return absl::InvalidArgumentError(absl::StrCat(output, " has another shape"));
  }
  const double difference = actual.sub(expected).abs().max().item<double>();
  errors->push_back({output, difference / expected.abs().max().item<double>()});
  return absl::OkStatus();
}

// A model, of which one part is in memory at a time.
struct Subject {
  ModelConfig config;
  ModelWeights& weights;
  CpuOps ops;
  at::TensorOptions options = at::kFloat;
};

absl::Status CompareTexts(std::vector<tokenizer::ClipTokenizer> tokenizers, Subject& model,
                          Golden* golden, std::vector<GoldenError>* errors) {
  DARKROOM_ASSIGN_OR_RETURN(TextEncoders text,
                            TextEncoders::Load(model.config, std::move(tokenizers), model.weights,
                                               model.options, &model.ops, nullptr));
  DARKROOM_ASSIGN_OR_RETURN(const at::Tensor pixels, golden->Get("pixels"));
  const PictureSize size = {.width = static_cast<int>(pixels.size(3)),
                            .height = static_cast<int>(pixels.size(2))};
  for (const int clip_skip : {1, 2}) {
    DARKROOM_ASSIGN_OR_RETURN(
        const Conditioning told,
        EncodeAll(text, model.config, golden->prompts(), clip_skip, size, PromptSide::kPositive));
    DARKROOM_RETURN_IF_ERROR(
        Compare(absl::StrCat("text.", clip_skip), told.context, golden, errors));
    if (clip_skip > 1 || !told.vector.defined()) continue;
    DARKROOM_RETURN_IF_ERROR(Compare("vector", told.vector, golden, errors));
    DARKROOM_ASSIGN_OR_RETURN(
        const Conditioning nothing,
        EncodeAll(text, model.config, {""}, clip_skip, size, PromptSide::kNegative));
    DARKROOM_RETURN_IF_ERROR(Compare("vector of nothing", nothing.vector, golden, errors));
    if (nothing.context.count_nonzero().item<std::int64_t>() > 0) {
      return absl::InvalidArgumentError("the context of nothing is not zeros");
    }
  }
  return absl::OkStatus();
}

absl::Status CompareUNet(Subject& model, Golden* golden, std::vector<GoldenError>* errors) {
  DARKROOM_ASSIGN_OR_RETURN(
      const UNet unet,
      LoadPart<UNet>(model.weights, "unet", model.options, [&](const WeightScope& scope) {
        return UNet::Load(model.config.unet, NetworkScope(scope), &model.ops);
      }));
  DARKROOM_ASSIGN_OR_RETURN(const at::Tensor sample, golden->Get("sample"));
  DARKROOM_ASSIGN_OR_RETURN(const at::Tensor times, golden->Get("timesteps"));
  // The reference's own conditioning, so that an error of the text model is not counted twice.
  DARKROOM_ASSIGN_OR_RETURN(const at::Tensor context, golden->Get("text.1"));
  at::Tensor vector;
  if (model.config.unet.projection_class_embeddings_input_dim > 0) {
    DARKROOM_ASSIGN_OR_RETURN(vector, golden->Get("vector"));
  }
  std::vector<double> timesteps;
  for (std::int64_t i = 0; i < times.size(0); ++i) timesteps.push_back(times[i].item<double>());
  return Compare("unet", unet.Forward(sample, timesteps, context, vector), golden, errors);
}

absl::Status CompareVae(Subject& model, Golden* golden, std::vector<GoldenError>* errors) {
  DARKROOM_ASSIGN_OR_RETURN(
      const Vae vae,
      LoadPart<Vae>(model.weights, "vae", model.options, [&](const WeightScope& scope) {
        return Vae::Load(model.config.vae, scope, &model.ops);
      }));
  DARKROOM_ASSIGN_OR_RETURN(const at::Tensor latents, golden->Get("latents"));
  DARKROOM_RETURN_IF_ERROR(
      Compare("decode", vae.Decode(vae.FromUNetSpace(latents)), golden, errors));
  DARKROOM_ASSIGN_OR_RETURN(const at::Tensor pixels, golden->Get("pixels"));
  const Vae::Moments moments = vae.Encode(pixels);
  DARKROOM_RETURN_IF_ERROR(Compare("mean", moments.mean, golden, errors));
  return Compare("log_variance", moments.log_variance, golden, errors);
}

}  // namespace

absl::StatusOr<std::vector<GoldenError>> CompareWithGolden(
    const ModelFiles& files, const std::filesystem::path& golden_folder) {
  const c10::InferenceMode inference;
  DARKROOM_ASSIGN_OR_RETURN(Golden golden, Golden::Open(golden_folder));
  DARKROOM_ASSIGN_OR_RETURN(OpenedModel opened, OpenModel(files));
  Subject model{.config = std::move(opened.config), .weights = *opened.weights, .ops = {}};
  std::vector<GoldenError> errors;
  DARKROOM_RETURN_IF_ERROR(CompareTexts(std::move(opened.tokenizers), model, &golden, &errors));
  DARKROOM_RETURN_IF_ERROR(CompareUNet(model, &golden, &errors));
  DARKROOM_RETURN_IF_ERROR(CompareVae(model, &golden, &errors));
  return errors;
}

}  // namespace darkroom::diffusion
