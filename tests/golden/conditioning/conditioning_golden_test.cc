// Compares the contexts of prompts with what AUTOMATIC1111's own code makes of them on
// transformers' CLIPTextModel; the data is made by make_conditioning_goldens.py and
// make_xl_goldens.py.

#include <cstring>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "ATen/TensorOperators.h"
#include "ATen/ops/empty.h"
#include "absl/strings/str_cat.h"
#include "c10/core/InferenceMode.h"
#include "common/file.h"
#include "gtest/gtest.h"
#include "prompt/plan.h"
#include "tokenizer/prompt_tokenizer.h"
#include "worker/diffusion/model/diffusion_model.h"
#include "worker/diffusion/prompt_encoder.h"
#include "worker/diffusion/sdxl_conditioning.h"
#include "worker/diffusion/weights/json.h"
#include "worker/diffusion/weights/safetensors.h"

namespace darkroom::diffusion {
namespace {

constexpr double kTolerance = 1e-4;  // of the largest magnitude

class ConditioningGoldenTest : public ::testing::Test {
 protected:
  // What a case is encoded with.
  struct Encoding {
    PromptEncoder* encoder;
    const ModelConfig* config;
    PictureSize size;
  };

  at::Tensor Tensor(const std::string& name) const {
    const auto found = tensors_->tensors().find(name);
    if (found == tensors_->tensors().end()) {
      ADD_FAILURE() << "no golden " << name;
      return {};
    }
    at::Tensor tensor = at::empty(found->second.shape, at::kFloat);
    std::memcpy(tensor.mutable_data_ptr(), found->second.bytes.data(), found->second.bytes.size());
    return tensor.unsqueeze(0);
  }

  static void ExpectNear(const at::Tensor& actual, const at::Tensor& expected) {
    ASSERT_EQ(actual.sizes(), expected.sizes());
    const double scale = expected.abs().max().item<double>();
    const double error = (actual - expected).abs().max().item<double>();
    EXPECT_LE(error, kTolerance * scale);
  }

  // `entries`: [end, index of the conditioning] each.
  void ExpectSchedule(const Encoding& encoding, const prompt::Schedule& schedule, PromptSide side,
                      const Json::Array& entries, const std::string& name) {
    SCOPED_TRACE(name);
    const auto encoded = encoding.encoder->Encode(schedule);
    ASSERT_TRUE(encoded.ok()) << encoded.status();
    const ConditioningSchedule told =
        CompleteConditioning(*encoding.config, encoding.size, side, schedule, *encoded);
    ASSERT_EQ(schedule.entries.size(), entries.size());
    for (const Json& entry : entries) {
      const auto end = static_cast<int>(*entry.array()->at(0).integer());
      SCOPED_TRACE(absl::StrCat("entry that ends at ", end));
      const std::string golden = absl::StrCat(name, "/", *entry.array()->at(1).integer());
      const Conditioning& actual = told.At(end);
      ExpectNear(actual.context, Tensor(golden));
      if (actual.vector.defined()) ExpectNear(actual.vector, Tensor(golden + "/vector"));
    }
  }

  void ExpectCase(const Json& row, const std::string& name) {
    const auto integer = [&row](const char* key) {
      const Json* value = row.Find(key);
      return value == nullptr ? 0 : static_cast<int>(*value->integer());
    };
    const std::string& text = *row.Find("prompt")->string();
    SCOPED_TRACE(text);
    DiffusionModel& model =
        Model(row.Find("model") == nullptr ? "tiny_model" : *row.Find("model")->string());
    const prompt::PassSteps pass = {.steps = integer("steps")};
    PromptEncoder encoder(model.text().models(),
                          tokenizer::MakePromptTokenizer(model.text().tokenizer()),
                          {.emphasis = *prompt::FindEmphasis(*row.Find("emphasis")->string()),
                           .clip_skip = integer("clip_skip")});
    const Encoding encoding = {.encoder = &encoder,
                               .config = &model.config(),
                               .size = {.width = integer("width"), .height = integer("height")}};

    const std::vector<prompt::PlannedPart> parts = prompt::PlanPrompt(text, pass).parts;
    const Json::Array& expected = *row.Find("parts")->array();
    ASSERT_EQ(parts.size(), expected.size());
    for (std::size_t p = 0; p < parts.size(); ++p) {
      EXPECT_EQ(parts[p].weight, *expected[p].Find("weight")->number());
      ExpectSchedule(encoding, parts[p].schedule, PromptSide::kPositive,
                     *expected[p].Find("entries")->array(), absl::StrCat(name, "/part ", p));
    }
    const prompt::PromptPlan negative =
        prompt::PlanNegativePrompt(*row.Find("negative_prompt")->string(), pass);
    ExpectSchedule(encoding, negative.parts[0].schedule, PromptSide::kNegative,
                   *row.Find("uncond")->array(), absl::StrCat(name, "/uncond"));
  }

  // `stem`: of the names of the cases and of their tensors.
  void ExpectCases(const std::string& stem, std::size_t at_least) {
    const std::string folder = "tests/golden/conditioning/" + stem;
    tensors_ = SafetensorsFile::Open(folder + "conditioning.safetensors").value();
    const Json cases =
        Json::Parse(ReadFile(folder + "cases.json", std::size_t{1} << 20).value()).value();
    ASSERT_GE(cases.array()->size(), at_least);
    for (std::size_t i = 0; i < cases.array()->size(); ++i) {
      ExpectCase(cases.array()->at(i), absl::StrCat(i));
    }
  }

 private:
  DiffusionModel& Model(const std::string& name) {
    std::unique_ptr<DiffusionModel>& model = models_[name];
    if (model == nullptr) model = DiffusionModel::Load("tests/golden/" + name, {}).value();
    return *model;
  }

  const c10::InferenceMode inference_;
  std::map<std::string, std::unique_ptr<DiffusionModel>> models_;
  std::optional<SafetensorsFile> tensors_;
};

TEST_F(ConditioningGoldenTest, EveryContextOfEveryPromptIsTheReferences) { ExpectCases("", 20); }

TEST_F(ConditioningGoldenTest, EveryContextAndVectorOfSdxlIsTheReferences) {
  ExpectCases("xl_", 12);
}

}  // namespace
}  // namespace darkroom::diffusion
