// Compares networks with adapters and embeddings beside them with what diffusers and transformers
// compute with the same in their weights; the data is made by make_network_goldens.py.

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "ATen/TensorOperators.h"
#include "ATen/ops/equal.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "c10/core/InferenceMode.h"
#include "gtest/gtest.h"
#include "worker/diffusion/adapters/textual_inversion.h"
#include "worker/diffusion/model/diffusion_model.h"
#include "worker/diffusion/text/clip_text_model.h"
#include "worker/diffusion/weights/file_weights.h"
#include "worker/diffusion/weights/safetensors.h"

namespace darkroom::diffusion {
namespace {

constexpr char kFolder[] = "tests/golden/adapters";
constexpr double kStrength = 0.7;

std::map<std::string, at::Tensor> ReadTensors(const std::string& name) {
  SafetensorsFile file = SafetensorsFile::Open(absl::StrCat(kFolder, "/", name)).value();
  std::map<std::string, std::vector<std::int64_t>> shapes;
  for (const auto& [key, view] : file.tensors()) shapes.emplace(key, view.shape);
  FileWeights weights(std::move(file), at::kFloat);
  std::map<std::string, at::Tensor> tensors;
  for (const auto& [key, shape] : shapes) tensors.emplace(key, *weights.Take(key, shape));
  return tensors;
}

double WorstDifference(const at::Tensor& actual, const at::Tensor& expected) {
  EXPECT_EQ(actual.sizes(), expected.sizes());
  return (actual - expected).abs().max().item<double>() / expected.abs().max().item<double>();
}

std::vector<TokenChunk> ChunksOf(const at::Tensor& ids) {
  std::vector<TokenChunk> chunks(static_cast<std::size_t>(ids.size(0)));
  for (std::size_t i = 0; i < chunks.size(); ++i) {
    for (std::size_t j = 0; j < chunks[i].size(); ++j) {
      chunks[i][j] = static_cast<std::int64_t>(
          ids[static_cast<std::int64_t>(i)][static_cast<std::int64_t>(j)].item<float>());
    }
  }
  return chunks;
}

class NetworksGoldenTest : public testing::Test {
 protected:
  static std::unique_ptr<DiffusionModel> LoadModel(const std::string& name) {
    return DiffusionModel::Load("tests/golden/" + name, {}).value();
  }

  static RowAdapters::Use Use(const DiffusionModel& model, const std::string& file,
                              double strength = kStrength) {
    return {
        .branches =
            model
                .LoadAdapters(
                    file,
                    SafetensorsFile::Open(absl::StrCat(kFolder, "/", file, ".safetensors")).value())
                .value(),
        .strength = strength};
  }

  // Of the two rows of the goldens, each with what it uses.
  at::Tensor Step(const DiffusionModel& model, const at::Tensor& context, const at::Tensor& added,
                  const std::vector<std::vector<RowAdapters::Use>>& uses) const {
    const RowAdapters rows(uses, context.options());
    std::vector<double> timesteps;
    for (std::int64_t i = 0; i < 2; ++i) {
      timesteps.push_back(inputs_.at("timesteps")[i].item<double>());
    }
    return model.unet().Forward(inputs_.at("sample"), timesteps, context, added, &rows);
  }

  const c10::InferenceMode inference_;
  const std::map<std::string, at::Tensor> inputs_ = ReadTensors("expected.safetensors");
  const std::map<std::string, at::Tensor> expected_ = ReadTensors("networks.safetensors");
};

TEST_F(NetworksGoldenTest, AUNetWithAnAdapterOfAnyKindBesideItIsTheReferenceWithItFused) {
  const auto model = LoadModel("tiny_model");
  const at::Tensor& context = inputs_.at("context");
  const at::Tensor plain = Step(*model, context, {}, {{}, {}});
  EXPECT_LE(WorstDifference(plain, inputs_.at("base_output")), 1e-5);
  std::set<std::string> cases;
  double worst = 0;
  for (const auto& [name, expected] : expected_) {
    absl::string_view kind = name;
    if (!absl::ConsumeSuffix(&kind, "/unet") || kind == "tiny_model" || kind == "tiny_sdxl") {
      continue;
    }
    SCOPED_TRACE(name);
    cases.emplace(kind);
    const RowAdapters::Use use = Use(*model, absl::StrCat("files/", kind));
    const double error = WorstDifference(Step(*model, context, {}, {{use}, {use}}), expected);
    EXPECT_LE(error, 1e-5);
    worst = std::max(worst, error);
    EXPECT_GE(WorstDifference(plain, expected), 1e-4);
    // Beside a row without: each is what it is.
    const at::Tensor mixed = Step(*model, context, {}, {{}, {use}});
    EXPECT_LE(WorstDifference(mixed[1], expected[1]), 1e-5);
    EXPECT_TRUE(at::equal(mixed[0], plain[0]));
  }
  EXPECT_EQ(cases.size(), 20u);
  EXPECT_LE(WorstDifference(Step(*model, context, {},
                                 {{Use(*model, "files/kohya")}, {Use(*model, "files/kohya")}}),
                            inputs_.at("output")),
            1e-5);
  RecordProperty("worst", absl::StrCat(worst));
}

class EveryModuleGoldenTest : public NetworksGoldenTest,
                              public testing::WithParamInterface<const char*> {
 protected:
  const at::Tensor& Expected(const std::string& name) const {
    return expected_.at(absl::StrCat(GetParam(), "/", name));
  }
  bool Has(const std::string& name) const {
    return expected_.contains(absl::StrCat(GetParam(), "/", name));
  }

  const std::unique_ptr<DiffusionModel> model_ = LoadModel(GetParam());
  const RowAdapters::Use everywhere_ = Use(*model_, absl::StrCat("networks/", GetParam()));
};

TEST_P(EveryModuleGoldenTest, AFileThatChangesEveryModuleChangesAllThatTheReferenceDoes) {
  for (std::size_t i = 0; i < model_->modules().modules().size(); ++i) {
    EXPECT_NE(everywhere_.branches->Find(i), nullptr) << model_->modules().modules()[i].name;
  }
  const at::Tensor added = Has("added") ? Expected("added") : at::Tensor();
  const at::Tensor both = Step(*model_, Expected("context"), added, {{everywhere_}, {everywhere_}});
  EXPECT_LE(WorstDifference(both, Expected("unet")), 1e-5);
  // Beside a row that uses nothing.
  const at::Tensor mixed = Step(*model_, Expected("context"), added, {{everywhere_}, {}});
  EXPECT_TRUE(at::equal(mixed[0], both[0]));
  EXPECT_TRUE(at::equal(mixed[1], Step(*model_, Expected("context"), added, {{}, {}})[1]));
}

TEST_P(EveryModuleGoldenTest, TheTextEncodersChangeWithTheFile) {
  const std::vector<TokenChunk> chunks = ChunksOf(Expected("ids"));
  const absl::Span<const ClipTextModel> encoders = model_->text().models();
  for (std::size_t i = 0; i < encoders.size(); ++i) {
    SCOPED_TRACE(i);
    const ClipTextModel& encoder = encoders[i];
    const TextStates states = encoder.Encode(chunks, 1, {.adapters = {everywhere_}});
    const std::string suffix = i == 0 ? "" : "_2";
    EXPECT_LE(WorstDifference(states.tokens, Expected("text" + suffix)), 1e-5);
    EXPECT_GE(WorstDifference(encoder.Encode(chunks, 1).tokens, Expected("text" + suffix)), 1e-2);
    if (states.pooled.defined()) {
      EXPECT_LE(WorstDifference(states.pooled, Expected("pooled")), 1e-5);
    }
    // A chunk alone has the bits that it has among others.
    const TextStates alone =
        encoder.Encode(absl::MakeConstSpan(chunks).first(1), 1, {.adapters = {everywhere_}});
    EXPECT_TRUE(at::equal(alone.tokens[0], states.tokens[0]));
    if (alone.pooled.defined()) {
      EXPECT_TRUE(at::equal(alone.pooled[0], states.pooled[0]));
    }
  }
}

TEST_P(EveryModuleGoldenTest, VectorsStandInTheChunkWhereTheReferenceHasThem) {
  std::vector<std::int64_t> widths;
  for (const TextEncoderConfig& encoder : model_->config().text_encoders) {
    widths.push_back(encoder.clip.hidden_size);
  }
  const std::string path = absl::StrCat(kFolder, "/networks/", GetParam(), "_style.safetensors");
  const TextualInversion style =
      LoadTextualInversion(SafetensorsFile::Open(path).value(), widths).value();
  const std::vector<TokenChunk> chunks = ChunksOf(Expected("styled_ids"));
  const absl::Span<const ClipTextModel> encoders = model_->text().models();
  for (std::size_t i = 0; i < encoders.size(); ++i) {
    SCOPED_TRACE(i);
    const ClipTextModel& encoder = encoders[i];
    const TextStates states = encoder.Encode(
        chunks, 1, {.vectors = {{.chunk = 0, .position = 3, .vectors = style.vectors[i]}}});
    const std::string suffix = i == 0 ? "" : "_2";
    EXPECT_LE(WorstDifference(states.tokens, Expected("styled_text" + suffix)), 1e-5);
    EXPECT_GE(WorstDifference(encoder.Encode(chunks, 1).tokens, states.tokens), 1e-2);
    if (states.pooled.defined()) {
      EXPECT_LE(WorstDifference(states.pooled, Expected("styled_pooled")), 1e-5);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Models, EveryModuleGoldenTest, testing::Values("tiny_model", "tiny_sdxl"));

}  // namespace
}  // namespace darkroom::diffusion
