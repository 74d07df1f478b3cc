#include "worker/diffusion/embedding_files.h"

#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "ATen/ops/cat.h"
#include "ATen/ops/equal.h"
#include "c10/core/InferenceMode.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tokenizer/prompt_tokenizer.h"
#include "worker/diffusion/adapters/test_file.h"
#include "worker/diffusion/model/diffusion_model.h"
#include "worker/diffusion/prompt_encoder.h"

namespace darkroom::diffusion {
namespace {

using ::testing::HasSubstr;

constexpr char kFolder[] = "tests/golden/adapters/networks/";

NamedFile Style(const std::string& name, const std::string& model = "tiny_model") {
  return {.name = name, .path = kFolder + model + "_style.safetensors"};
}

// Embeddings of two vectors, in the prompts of a small model.
class EmbeddingFilesTest : public ::testing::Test {
 protected:
  explicit EmbeddingFilesTest(const std::string& model = "tiny_model")
      : model_(DiffusionModel::Load("tests/golden/" + model, {}).value()) {}

  absl::StatusOr<at::Tensor> Encode(const std::string& text, std::vector<NamedFile> files) {
    EmbeddingFiles embeddings(model_->config());
    embeddings.SetFiles(std::move(files), model_->text().tokenizer());
    RequestEmbeddings request(&embeddings);
    PromptEncoder encoder(model_->text().models(),
                          tokenizer::MakePromptTokenizer(model_->text().tokenizer()),
                          {.embeddings = &request});
    const auto encoded = encoder.Encode(prompt::MakeSchedule(text, {.steps = 20}));
    if (!encoded.ok()) return encoded.status();
    return encoded->At(0).context;
  }

  // What a text encoder makes of a text that has the vectors behind `before`, and then `after`.
  at::Tensor Expected(const std::string& before, const std::string& after) {
    tokenizer::ClipTokenizer& words = model_->text().tokenizer();
    TokenChunk chunk;
    chunk.fill(words.pad_id());
    std::vector<std::int64_t> ids = {words.begin_id()};
    for (const std::int64_t id : words.Tokenize(before)) ids.push_back(id);
    const auto position = static_cast<std::int64_t>(ids.size());
    ids.insert(ids.end(), 2, 0);
    for (const std::int64_t id : words.Tokenize(after)) ids.push_back(id);
    ids.push_back(words.end_id());
    std::copy(ids.begin(), ids.end(), chunk.begin());
    std::vector<std::int64_t> widths;
    for (const TextEncoderConfig& encoder : model_->config().text_encoders) {
      widths.push_back(encoder.clip.hidden_size);
    }
    const TextualInversion style =
        LoadTextualInversion(
            SafetensorsFile::Open(Style("", widths.size() == 1 ? "tiny_model" : "tiny_sdxl").path)
                .value(),
            widths)
            .value();
    std::vector<at::Tensor> outputs;
    for (std::size_t i = 0; i < widths.size(); ++i) {
      outputs.push_back(
          model_->text()
              .models()[i]
              .Encode(
                  {chunk}, 1,
                  {.vectors = {{.chunk = 0, .position = position, .vectors = style.vectors[i]}}})
              .tokens);
    }
    return at::cat(outputs, 2);
  }

  const c10::InferenceMode inference_;
  const std::unique_ptr<DiffusionModel> model_;
};

TEST_F(EmbeddingFilesTest, ANameInAPromptIsItsVectors) {
  const at::Tensor expected = Expected("a red", "apple");
  EXPECT_TRUE(at::equal(*Encode("a red mystyle apple", {Style("mystyle")}), expected));
  // As the tokenizer reads texts: whatever the case.
  EXPECT_TRUE(at::equal(*Encode("a red MYSTYLE apple", {Style("MyStyle")}), expected));
  EXPECT_FALSE(at::equal(*Encode("a red mystyle apple", {}), expected));
}

TEST_F(EmbeddingFilesTest, OfTwoNamesThatFitTheLongerCounts) {
  const std::vector<NamedFile> files = {Style("my"), Style("my-style")};
  EXPECT_TRUE(at::equal(*Encode("a my-style cat", files), Expected("a", "cat")));
  EXPECT_TRUE(at::equal(*Encode("a my cat", files), Expected("a", "cat")));
}

TEST_F(EmbeddingFilesTest, TextsThatDifferInAnEmbeddingAloneAreNotOneChunk) {
  TestFile stored("second_style.safetensors");
  stored.Add("emb_params", {2, 24});
  stored.Open();
  EmbeddingFiles embeddings(model_->config());
  embeddings.SetFiles({Style("first"), {.name = "second", .path = stored.path()}},
                      model_->text().tokenizer());
  RequestEmbeddings request(&embeddings);
  PromptEncoder encoder(model_->text().models(),
                        tokenizer::MakePromptTokenizer(model_->text().tokenizer()),
                        {.embeddings = &request});
  const auto edited =
      encoder.Encode(prompt::MakeSchedule("a [first:second:5] cat", {.steps = 20})).value();
  EXPECT_FALSE(at::equal(edited.At(0).context, edited.At(10).context));
  EXPECT_TRUE(at::equal(edited.At(0).context, Expected("a", "cat")));
}

TEST_F(EmbeddingFilesTest, WhatDoesNotFitOrIsNotThereIsRefusedByNameOnceAPromptNamesIt) {
  const std::vector<NamedFile> files = {Style("wide", "tiny_sdxl"),
                                        {.name = "gone", .path = "/no/such/gone.safetensors"}};
  EXPECT_TRUE(Encode("a cat", files).ok());
  const absl::Status wide = Encode("a wide cat", files).status();
  EXPECT_TRUE(absl::IsInvalidArgument(wide));
  EXPECT_THAT(std::string(wide.message()),
              AllOf(HasSubstr("names the embedding 'wide', which cannot be used: "
                              "tiny_sdxl_style.safetensors: its vectors are for text encoders"),
                    HasSubstr("this model's have 24")));
  EXPECT_THAT(std::string(wide.message()), testing::Not(HasSubstr("golden")));
  const absl::Status gone = Encode("a gone cat", files).status();
  EXPECT_TRUE(absl::IsInvalidArgument(gone));
  EXPECT_THAT(std::string(gone.message()), HasSubstr("'gone', which cannot be used: "));
}

class SdxlEmbeddingFilesTest : public EmbeddingFilesTest {
 protected:
  SdxlEmbeddingFilesTest() : EmbeddingFilesTest("tiny_sdxl") {}
};

TEST_F(SdxlEmbeddingFilesTest, EachEncoderHasItsOwnVectors) {
  EXPECT_TRUE(at::equal(*Encode("a red mystyle apple", {Style("mystyle", "tiny_sdxl")}),
                        Expected("a red", "apple")));
  EXPECT_THAT(std::string(Encode("mystyle", {Style("mystyle")}).status().message()),
              HasSubstr("'mystyle', which cannot be used"));
}

}  // namespace
}  // namespace darkroom::diffusion
