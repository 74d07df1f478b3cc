#include "tests/golden/golden_check.h"

#include <utility>

#include "ATen/core/Tensor.h"
#include "ATen/ops/cat.h"
#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "c10/core/InferenceMode.h"
#include "common/file.h"
#include "common/status_macros.h"
#include "prompt/chunks.h"
#include "tokenizer/prompt_tokenizer.h"
#include "worker/diffusion/model/sd1_model.h"
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

at::Tensor EncodeAll(Sd1Model* model, const std::vector<std::string>& prompts, int clip_skip) {
  const prompt::PromptTokenizer tokenizer = tokenizer::MakePromptTokenizer(model->tokenizer());
  std::vector<at::Tensor> contexts;
  for (const std::string& prompt : prompts) {
    std::vector<TokenChunk> chunks;
    for (const prompt::Chunk& chunk :
         prompt::ChunkPrompt(prompt, tokenizer, {.emphasis = prompt::Emphasis::kNone}).chunks) {
      chunks.push_back(chunk.ids);
    }
    contexts.push_back(model->text_model().Encode(chunks, clip_skip).flatten(0, 1).unsqueeze(0));
  }
  return at::cat(contexts);
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

}  // namespace

absl::StatusOr<std::vector<GoldenError>> CompareWithGolden(
    const std::filesystem::path& folder, const std::filesystem::path& golden_folder) {
  const c10::InferenceMode inference;
  DARKROOM_ASSIGN_OR_RETURN(Golden golden, Golden::Open(golden_folder));
  DARKROOM_ASSIGN_OR_RETURN(const std::unique_ptr<Sd1Model> model, Sd1Model::Load(folder, {}));
  std::vector<GoldenError> errors;
  for (const int clip_skip : {1, 2}) {
    DARKROOM_RETURN_IF_ERROR(Compare(absl::StrCat("text.", clip_skip),
                                     EncodeAll(model.get(), golden.prompts(), clip_skip), &golden,
                                     &errors));
  }
  DARKROOM_ASSIGN_OR_RETURN(const at::Tensor sample, golden.Get("sample"));
  DARKROOM_ASSIGN_OR_RETURN(const at::Tensor times, golden.Get("timesteps"));
  // The reference's own context, so that an error of the text model is not counted twice.
  DARKROOM_ASSIGN_OR_RETURN(const at::Tensor context, golden.Get("text.1"));
  std::vector<double> timesteps;
  for (std::int64_t i = 0; i < times.size(0); ++i) timesteps.push_back(times[i].item<double>());
  DARKROOM_RETURN_IF_ERROR(
      Compare("unet", model->unet().Forward(sample, timesteps, context), &golden, &errors));

  DARKROOM_ASSIGN_OR_RETURN(const at::Tensor latents, golden.Get("latents"));
  const Vae& vae = model->vae();
  DARKROOM_RETURN_IF_ERROR(
      Compare("decode", vae.Decode(vae.FromUNetSpace(latents)), &golden, &errors));
  DARKROOM_ASSIGN_OR_RETURN(const at::Tensor pixels, golden.Get("pixels"));
  const Vae::Moments moments = vae.Encode(pixels);
  DARKROOM_RETURN_IF_ERROR(Compare("mean", moments.mean, &golden, &errors));
  DARKROOM_RETURN_IF_ERROR(Compare("log_variance", moments.log_variance, &golden, &errors));
  return errors;
}

}  // namespace darkroom::diffusion
