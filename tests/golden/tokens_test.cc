#include <filesystem>
#include <string>
#include <vector>

#include "common/file.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "worker/diffusion/text/tokenizer_folder.h"
#include "worker/diffusion/weights/json.h"

namespace darkroom::diffusion {
namespace {

const std::filesystem::path kFolder = "tests/golden";

TEST(GoldenTokens, EveryStringHasTheReferencesIds) {
  auto tokenizer =
      LoadTokenizer(kFolder / "tiny_model" / "tokenizer", tokenizer::TokenizerConfig());
  ASSERT_TRUE(tokenizer.ok()) << tokenizer.status();
  const auto text = ReadFile(kFolder / "tokens.json", std::size_t{1} << 20);
  ASSERT_TRUE(text.ok()) << text.status();
  const auto cases = Json::Parse(*text);
  ASSERT_TRUE(cases.ok()) << cases.status();
  ASSERT_NE(cases->array(), nullptr);
  ASSERT_GE(cases->array()->size(), 300u);

  for (const Json& row : *cases->array()) {
    const std::string& prompt = *row.array()->at(0).string();
    std::vector<std::int64_t> expected;
    for (const Json& id : *row.array()->at(1).array()) expected.push_back(*id.integer());
    EXPECT_THAT(tokenizer->Tokenize(prompt), testing::ElementsAreArray(expected)) << prompt;
    // From the cache of words.
    EXPECT_THAT(tokenizer->Tokenize(prompt), testing::ElementsAreArray(expected)) << prompt;
  }
}

}  // namespace
}  // namespace darkroom::diffusion
