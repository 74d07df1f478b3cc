#include "worker/diffusion/adapters/adapter_header.h"

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "worker/diffusion/adapters/test_file.h"
#include "worker/diffusion/adapters/trigger_words.h"

namespace darkroom::diffusion {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr char kReadsText[] =
    "lora_unet_mid_block_attentions_0_transformer_blocks_0_attn2_to_k.lora_down.weight";
constexpr char kElsewhere[] = "lora_unet_mid_block_attentions_0_proj_in.lora_down.weight";

AdapterHeader HeaderOf(const TestFile& file) {
  (void)file.Open();
  const auto header = ReadLoraHeader(file.path());
  EXPECT_TRUE(header.ok()) << header.status();
  return header.value_or(AdapterHeader());
}

TEST(LoraHeader, TellsTheFamilyByTheTextThatTheUNetReads) {
  const std::pair<int, std::string> families[] = {
      {768, "sd1"}, {1024, "sd2"}, {2048, "sdxl"}, {1280, "sdxl-refiner"}};
  for (const auto& [width, family] : families) {
    TestFile file("lora.safetensors");
    file.SetMetadata(R"({"ss_base_model_version":"sd_v1"})");
    file.Add(kReadsText, {4, width});
    EXPECT_EQ(HeaderOf(file).family, family);
  }
}

TEST(LoraHeader, TellsInWordsAFamilyThatIsNotSupported) {
  TestFile file("flux.safetensors");
  file.Add("lora_unet_double_blocks_0_img_attn_proj.lora_down.weight", {4, 3072});
  EXPECT_EQ(HeaderOf(file).made_for, "Flux");
  EXPECT_EQ(HeaderOf(file).family, "");
}

TEST(LoraHeader, TellsTheFamilyOfAFileForTheTextEncoderAlone) {
  TestFile file("text.safetensors");
  file.Add("lora_te_text_model_encoder_layers_0_self_attn_q_proj.lora_down.weight", {4, 1024});
  EXPECT_EQ(HeaderOf(file).family, "sd2");
}

TEST(LoraHeader, BelievesTheMetadataWhereTheTensorsDoNotTell) {
  for (const auto& [metadata, family] : std::vector<std::pair<std::string, std::string>>{
           {R"({"modelspec.architecture":"stable-diffusion-xl-v1-base/lora"})", "sdxl"},
           {R"({"ss_base_model_version":"sd_v2_768_v"})", "sd2"},
           {R"({"modelspec.architecture":"lumina"})", ""},
           {"{}", ""}}) {
    TestFile file("lora.safetensors");
    file.SetMetadata(metadata);
    file.Add(kElsewhere, {4, 320});
    EXPECT_EQ(HeaderOf(file).family, family) << metadata;
  }
}

TEST(LoraHeader, TakesTheTriggerPhraseBeforeTheCaptions) {
  TestFile file("lora.safetensors");
  file.SetMetadata(
      R"({"modelspec.title":" Fine detail ","modelspec.trigger_phrase":"finely drawn",)"
      R"("ss_output_name":"detail_v2","ss_tag_frequency":"{\"1_a\":{\"cat\":3}}"})");
  file.Add(kElsewhere, {4, 320});
  const AdapterHeader header = HeaderOf(file);
  EXPECT_EQ(header.title, "Fine detail");
  EXPECT_EQ(header.alias, "detail_v2");
  EXPECT_THAT(header.trigger_words, ElementsAre("finely drawn"));
}

TEST(LoraHeader, CutsWhatIsTooLongBetweenTwoCharacters) {
  TestFile file("lora.safetensors");
  std::string title = "a";
  for (int i = 0; i < 60; ++i) title += "é";
  file.SetMetadata(absl::StrCat(R"({"modelspec.title":")", title, "\"}"));
  file.Add(kElsewhere, {4, 320});
  EXPECT_EQ(HeaderOf(file).title, title.substr(0, 99));
}

TEST(LoraHeader, RefusesWhatIsNoAdapterAndNamesFileAndTensor) {
  TestFile file("model.safetensors");
  file.Add(kReadsText, {4, 768});
  file.Add("first_stage_model.decoder.conv_in.weight", {4, 4});
  (void)file.Open();
  const absl::Status status = ReadLoraHeader(file.path()).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(status.message()), HasSubstr(file.path()));
  EXPECT_THAT(std::string(status.message()), HasSubstr("first_stage_model.decoder.conv_in.weight"));
  EXPECT_EQ(ReadLoraHeader("/no/such.safetensors").status().code(), absl::StatusCode::kNotFound);
}

TEST(EmbeddingHeader, TellsVectorsAndFamily) {
  TestFile one("one.safetensors");
  one.Add("emb_params", {3, 768});
  (void)one.Open();
  const auto single = ReadEmbeddingHeader(one.path());
  ASSERT_TRUE(single.ok()) << single.status();
  EXPECT_EQ(single->family, "sd1");
  EXPECT_EQ(single->made_for, "Stable Diffusion 1.x");
  EXPECT_EQ(single->vectors, 3);
  TestFile two("two.safetensors");
  two.Add("clip_g", {2, 1280});
  two.Add("clip_l", {2, 768});
  (void)two.Open();
  const auto pair = ReadEmbeddingHeader(two.path());
  ASSERT_TRUE(pair.ok()) << pair.status();
  EXPECT_EQ(pair->family, "sdxl");
  EXPECT_EQ(pair->vectors, 2);
}

TEST(EmbeddingHeader, RefusesWhatIsNoEmbedding) {
  TestFile file("lora.safetensors");
  file.Add("a.lora_up.weight", {4, 768});
  file.Add("a.lora_down.weight", {4, 768});
  (void)file.Open();
  const absl::Status status = ReadEmbeddingHeader(file.path()).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(status.message()), HasSubstr(file.path()));
}

TEST(TriggerWords, AreAddedUpOverTheFoldersAndSortedByFrequency) {
  EXPECT_THAT(FrequentCaptions(R"({"1_a":{"cat":3," dog ":4},"2_b":{"cat":2,"bird":1}})", 24),
              ElementsAre("cat", "dog", "bird"));
  EXPECT_THAT(FrequentCaptions(R"({"1_a":{"cat":3,"dog":4}})", 1), ElementsAre("dog"));
  EXPECT_THAT(FrequentCaptions(R"({"1_a":{"b":1,"a":1}})", 24), ElementsAre("b", "a"))
      << "equals in the order of the file";
}

TEST(TriggerWords, OfSentencesAreTheirWords) {
  EXPECT_THAT(FrequentCaptions(
                  R"({"1_a":{"a portrait of sks-person":2,"photo of sks-person, smiling":1}})", 24),
              ElementsAre("sks-person", "portrait", "photo", "smiling"));
}

TEST(TriggerWords, OfWhatIsNoCountAreNone) {
  for (const char* text : {"", "no json", "[]", R"({"a":3})", R"({"a":{"b":"c"}})", "{}"}) {
    EXPECT_THAT(FrequentCaptions(text, 24), IsEmpty()) << text;
  }
  EXPECT_THAT(FrequentCaptions(
                  R"({"a":{"x":9223372036854775807},"b":{"x":9223372036854775807,"y":1}})", 24),
              ElementsAre("x", "y"));
}

}  // namespace
}  // namespace darkroom::diffusion
