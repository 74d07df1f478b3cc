// LoRA files and embeddings from a folder of the worker to the prompts of users.

#include <fstream>

#include "absl/strings/str_cat.h"
#include "tests/integration/stack_test.h"
#include "worker/diffusion/adapters/test_file.h"

namespace darkroom::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr absl::Duration kPatience = absl::Seconds(60);

class AdaptersTest : public StackTest {
 protected:
  AdaptersTest() : StackTest(absl::Milliseconds(1)) {}

  // For models whose UNet attends to text of this width.
  void AddLora(const std::string& name, int width) {
    diffusion::TestFile file("unused");
    file.SetMetadata(R"({"ss_tag_frequency":"{\"1_a\":{\"finely drawn\":3}}"})");
    file.Add("lora_unet_mid_block_attn2_to_k.lora_down.weight", {1, width});
    file.Add("lora_unet_mid_block_attn2_to_k.lora_up.weight", {8, 1});
    Write(absl::StrCat("Lora/", name, ".safetensors"), file.Bytes());
  }
  void Write(const std::string& path, const std::string& bytes) {
    std::ofstream(stack_->folder() / path, std::ios::binary) << bytes;
  }

  std::vector<std::string> Listed() {
    const auto listed = stack_->connection().ListAdapters({});
    if (!listed.ok()) return {std::string(listed.status().message())};
    std::vector<std::string> names;
    for (const v1::Adapter& adapter : listed->adapters()) names.push_back(adapter.name());
    return names;
  }
  absl::Status AwaitListed(const std::vector<std::string>& names) {
    return Eventually(kPatience, [&] {
      return Listed() == names ? absl::OkStatus() : absl::UnavailableError("not listed");
    });
  }

  static v1::GenerateImageRequest Asking(const std::string& prompt) {
    v1::GenerateImageRequest request;
    request.mutable_parameters()->set_prompt(prompt);
    request.mutable_parameters()->set_steps(2);
    return request;
  }
  absl::Status Refusal(const std::string& prompt) { return Generate(Asking(prompt))->Join(); }
};

TEST_F(AdaptersTest, FilesBecomeKnownWithoutARestartAndWrongNamesAreRefusedBeforeTheyQueue) {
  EXPECT_THAT(Listed(), IsEmpty());
  EXPECT_THAT(std::string(Refusal("a cat <lora:detail:0.7>").message()), HasSubstr("known: none"));

  AddLora("detail", 768);
  AddLora("xl", 2048);
  diffusion::TestFile embedding("unused");
  embedding.Add("emb_params", {3, 768});
  Write("embeddings/bad.safetensors", embedding.Bytes());
  Write("Lora/broken.safetensors", "nonsense");
  ASSERT_TRUE(AwaitListed({"detail", "bad"}).ok()) << "those that fit the model";

  ExpectPicture(*Generate(Asking("a cat <lora:detail:0.7>")));
  const absl::Status unknown = Refusal("a cat <lora:detial:0.7>");
  EXPECT_EQ(unknown.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(unknown.message()), HasSubstr("did you mean \"detail\"?"));
  EXPECT_THAT(std::string(Refusal("<lora:xl:1>").message()), HasSubstr("is made for SDXL"));
  EXPECT_THAT(std::string(Refusal("<lora:broken:1>").message()), HasSubstr("not a known LoRA"));
  const auto jobs_listed = jobs().List({});
  ASSERT_TRUE(jobs_listed.ok());
  EXPECT_EQ(jobs_listed->jobs_size(), 1) << "refused prompts are no jobs";

  v1::ExplainPromptRequest explain;
  explain.mutable_parameters()->set_negative_prompt("bad");
  const auto explanation = stack_->connection().ExplainPrompt(explain);
  ASSERT_TRUE(explanation.ok()) << explanation.status();
  const auto& chunk = explanation->negative_prompt().parts(0).texts(0).chunks(0);
  ASSERT_EQ(chunk.tokens_size(), 3);
  EXPECT_EQ(chunk.tokens(0).embedding(), "bad");

  std::filesystem::remove(stack_->folder() / "Lora/detail.safetensors");
  ASSERT_TRUE(AwaitListed({"bad"}).ok());
  EXPECT_FALSE(Refusal("a cat <lora:detail:0.7>").ok());
}

TEST_F(AdaptersTest, AnUpscalerBecomesKnownAndMakesAHiresFix) {
  diffusion::TestFile file("unused");
  file.Add("body.0.weight", {8, 3, 3, 3});
  file.Add("body.0.bias", {8});
  file.Add("body.1.weight", {8});
  file.Add("body.2.weight", {48, 8, 3, 3});
  file.Add("body.2.bias", {48});
  v1::GenerateImageRequest request = Asking("a cat");
  request.mutable_parameters()->mutable_hires_fix()->set_upscaler("4x own");
  EXPECT_THAT(std::string(Generate(request)->Join().message()), HasSubstr("hires_fix.upscaler"));
  Write("ESRGAN/4x own.safetensors", file.Bytes());
  const absl::Status listed = Eventually(kPatience, [&]() -> absl::Status {
    const auto upscalers = stack_->connection().ListUpscalers({});
    if (!upscalers.ok()) return upscalers.status();
    const v1::Upscaler& last = *upscalers->upscalers().rbegin();
    const bool known = last.name() == "4x own" && last.scale() == 4;
    return known ? absl::OkStatus() : absl::UnavailableError("not listed");
  });
  ASSERT_TRUE(listed.ok()) << listed;
  const auto hires = Generate(request);
  ExpectPicture(*hires);
  v1::GenerateImageRequest larger;
  v1::ImageParameters& parameters = *larger.mutable_parameters();
  parameters.mutable_init_image()->set_name(absl::StrCat(hires->end().name(), "/images/0"));
  parameters.mutable_upscale()->set_upscaler("4x own");
  const auto enlarged = Generate(larger);
  ExpectPicture(*enlarged);
  const v1::Image before = hires->end().images(0);
  const v1::Image after = enlarged->end().images(0);
  EXPECT_EQ(after.width(), 2 * before.width());
  EXPECT_EQ(
      after.infotext(),
      absl::StrCat(before.infotext(), ", Postprocess upscale by: 2, Postprocess upscaler: 4x own"));
}

}  // namespace
}  // namespace darkroom::testing
