#include "server/auth/key_secret.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "common/file.h"
#include "common/ids.h"

namespace darkroom::server {
namespace {

using testing::HasSubstr;

TEST(KeySecretTest, ANewKeyBeginsWithItsIdAndIsLikeNoOther) {
  const std::string id = RandomId();
  const std::string text = NewKeyText(id);
  EXPECT_THAT(text, testing::MatchesRegex("dr_[0-9a-f]{32}\\.[0-9a-f]{64}"));
  EXPECT_EQ(IdOfKeyText(text), id);
  EXPECT_NE(NewKeyText(id), text);
}

TEST(KeySecretTest, OtherTextsHaveNoId) {
  const std::string text = NewKeyText(RandomId());
  for (const std::string& other :
       {std::string(), std::string("dr_"), text.substr(1), text.substr(0, 99), text + "0",
        "dr_" + std::string(97, '0'), "dr_" + std::string(32, 'G') + "." + std::string(64, '0')}) {
    EXPECT_EQ(IdOfKeyText(other), std::nullopt) << other;
  }
}

TEST(KeySecretTest, DigestsDependOnPepperUseAndText) {
  const Pepper pepper("one");
  const std::string digest = pepper.Digest("key", "text");
  EXPECT_EQ(Pepper("one").Digest("key", "text"), digest);
  EXPECT_NE(Pepper("two").Digest("key", "text"), digest);
  EXPECT_NE(pepper.Digest("address", "text"), digest);
  EXPECT_NE(pepper.Digest("key", "texts"), digest);
  EXPECT_EQ(digest.size(), 64u);
}

TEST(KeySecretTest, APepperFileIsReadWithoutTheSpaceAroundIt) {
  const auto path = std::filesystem::temp_directory_path() / ("pepper-" + RandomId());
  const std::string secret(32, 'p');
  ASSERT_TRUE(WriteFileAtomically(path, secret + "\n").ok());
  const auto pepper = Pepper::Read(path);
  ASSERT_TRUE(pepper.ok()) << pepper.status();
  EXPECT_EQ(pepper->Digest("key", "a"), Pepper(secret).Digest("key", "a"));
  ASSERT_TRUE(WriteFileAtomically(path, "short\n").ok());
  const absl::Status status = Pepper::Read(path).status();
  std::filesystem::remove(path);
  EXPECT_THAT(std::string(status.message()), HasSubstr(path.string() + " has 5 bytes"));
  EXPECT_TRUE(absl::IsNotFound(Pepper::Read(path).status()));
}

TEST(KeySecretTest, TextsAreComparedWhole) {
  EXPECT_TRUE(EqualInConstantTime("", ""));
  EXPECT_TRUE(EqualInConstantTime("abc", "abc"));
  EXPECT_FALSE(EqualInConstantTime("abc", "abd"));
  EXPECT_FALSE(EqualInConstantTime("abc", "xbc"));
  EXPECT_FALSE(EqualInConstantTime("abc", "ab"));
}

}  // namespace
}  // namespace darkroom::server
