#include "worker/diffusion/text/tokenizer_folder.h"

#include <string>

#include "absl/status/status.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace darkroom::diffusion {
namespace {

using testing::HasSubstr;

TEST(TokenizerFolder, AMissingFolderIsNotFoundByName) {
  const auto tokenizer = LoadTokenizer("/nonexistent", {});
  EXPECT_FALSE(tokenizer.ok());
  EXPECT_THAT(std::string(tokenizer.status().message()), HasSubstr("/nonexistent"));
}

TEST(TokenizerFolder, ASpecialTokenThatTheVocabularyLacksIsNamedWithTheFolder) {
  const auto tokenizer = LoadTokenizer("models/demo/tokenizer", {.bos_token = "<|begin|>"});
  EXPECT_EQ(tokenizer.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(tokenizer.status().message()), HasSubstr("models/demo/tokenizer"));
  EXPECT_THAT(std::string(tokenizer.status().message()), HasSubstr("'<|begin|>'"));
}

TEST(TokenizerFolder, TheModelsOfTheProjectHaveACommaAndPublishTheirWholeTokenizer) {
  for (const char* folder : {"models/demo/tokenizer", "tests/golden/tiny_model/tokenizer"}) {
    auto tokenizer = LoadTokenizer(folder, {});
    ASSERT_TRUE(tokenizer.ok()) << tokenizer.status();
    EXPECT_THAT(tokenizer->Tokenize(","), testing::ElementsAre(tokenizer->comma_id()));
    auto published = tokenizer::ClipTokenizer::Parse(tokenizer->Serialise());
    ASSERT_TRUE(published.ok()) << published.status();
    for (const char* text :
         {"a red apple, ripe!", "Фото кота 写真 🐈‍⬛ é", "<|endoftext|> x"}) {
      EXPECT_EQ(published->Tokenize(text), tokenizer->Tokenize(text));
    }
    for (int id = 0; id < tokenizer->vocab_size(); ++id) {
      EXPECT_EQ(published->Spell(id), tokenizer->Spell(id));
    }
  }
}

}  // namespace
}  // namespace darkroom::diffusion
