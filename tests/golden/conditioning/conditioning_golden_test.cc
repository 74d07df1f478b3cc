// Compares the contexts of prompts with what AUTOMATIC1111's own code makes of them on
// transformers' CLIPTextModel; the data is made by make_conditioning_goldens.py.

#include <algorithm>
#include <cstring>
#include <memory>
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
#include "worker/diffusion/model/sd1_model.h"
#include "worker/diffusion/prompt_encoder.h"
#include "worker/diffusion/weights/json.h"
#include "worker/diffusion/weights/safetensors.h"

namespace darkroom::diffusion {
namespace {

constexpr char kCases[] = "tests/golden/conditioning/cases.json";
constexpr char kTensors[] = "tests/golden/conditioning/conditioning.safetensors";
constexpr double kTolerance = 1e-4;  // of the largest magnitude

class ConditioningGoldenTest : public ::testing::Test {
 protected:
  at::Tensor Tensor(const std::string& name) const {
    const auto found = tensors_.tensors().find(name);
    if (found == tensors_.tensors().end()) {
      ADD_FAILURE() << "no golden " << name;
      return {};
    }
    at::Tensor tensor = at::empty(found->second.shape, at::kFloat);
    std::memcpy(tensor.mutable_data_ptr(), found->second.bytes.data(), found->second.bytes.size());
    return tensor;
  }

  // `entries`: [end, index of the context] each.
  void ExpectSchedule(PromptEncoder& encoder, const prompt::Schedule& schedule,
                      const Json::Array& entries, const std::string& name) {
    SCOPED_TRACE(name);
    const auto context = encoder.Encode(schedule);
    ASSERT_TRUE(context.ok()) << context.status();
    ASSERT_EQ(schedule.entries.size(), entries.size());
    for (const Json& entry : entries) {
      const auto end = static_cast<int>(*entry.array()->at(0).integer());
      const at::Tensor expected =
          Tensor(absl::StrCat(name, "/", *entry.array()->at(1).integer())).unsqueeze(0);
      const at::Tensor& actual = context->At(end);
      ASSERT_EQ(actual.sizes(), expected.sizes());
      const double scale = expected.abs().max().item<double>();
      const double error = (actual - expected).abs().max().item<double>() / scale;
      EXPECT_LT(error, kTolerance) << "entry that ends at " << end;
      worst_ = std::max(worst_, error);
    }
  }

  const c10::InferenceMode inference_;
  const std::unique_ptr<Sd1Model> model_ = Sd1Model::Load("tests/golden/tiny_model", {}).value();
  const SafetensorsFile tensors_ = SafetensorsFile::Open(kTensors).value();
  double worst_ = 0;
};

TEST_F(ConditioningGoldenTest, EveryContextOfEveryPromptIsTheReferences) {
  const Json cases = Json::Parse(ReadFile(kCases, std::size_t{1} << 20).value()).value();
  ASSERT_GE(cases.array()->size(), 20u);
  for (std::size_t i = 0; i < cases.array()->size(); ++i) {
    const Json& row = cases.array()->at(i);
    const std::string& text = *row.Find("prompt")->string();
    SCOPED_TRACE(text);
    const prompt::PassSteps pass = {.steps = static_cast<int>(*row.Find("steps")->integer())};
    PromptEncoder encoder(model_->text_model(), tokenizer::MakePromptTokenizer(model_->tokenizer()),
                          {.emphasis = *prompt::FindEmphasis(*row.Find("emphasis")->string()),
                           .clip_skip = static_cast<int>(*row.Find("clip_skip")->integer())});

    const std::vector<prompt::PlannedPart> parts = prompt::PlanPrompt(text, pass).parts;
    const Json::Array& expected = *row.Find("parts")->array();
    ASSERT_EQ(parts.size(), expected.size());
    for (std::size_t p = 0; p < parts.size(); ++p) {
      EXPECT_EQ(parts[p].weight, *expected[p].Find("weight")->number());
      ExpectSchedule(encoder, parts[p].schedule, *expected[p].Find("entries")->array(),
                     absl::StrCat(i, "/part ", p));
    }
    const prompt::PromptPlan negative =
        prompt::PlanNegativePrompt(*row.Find("negative_prompt")->string(), pass);
    ExpectSchedule(encoder, negative.parts[0].schedule, *row.Find("uncond")->array(),
                   absl::StrCat(i, "/uncond"));
  }
  RecordProperty("worst", absl::StrCat(worst_));
}

}  // namespace
}  // namespace darkroom::diffusion
