#include "server/auth/static_keys.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "common/sha256.h"

namespace darkroom::server {
namespace {

using testing::HasSubstr;
using testing::Not;

std::string List() {
  return absl::StrCat("# keys of the tests\n\nalice ", Sha256Hex("key-1"), "\n  bob\t",
                      absl::AsciiStrToUpper(Sha256Hex("key-2")), "  \nalice ", Sha256Hex("key-3"));
}

TEST(StaticKeysTest, KeyTellsTheTenant) {
  const auto keys = *StaticKeys::Parse(List(), false);
  EXPECT_EQ(*keys->Authenticate("Bearer key-1"), "alice");
  EXPECT_EQ(*keys->Authenticate("bearer key-2"), "bob");
  EXPECT_EQ(*keys->Authenticate("Bearer  key-3 "), "alice") << "a second key, for rotation";
}

TEST(StaticKeysTest, EverythingElseIsUnauthenticatedAndNotRepeated) {
  const auto keys = *StaticKeys::Parse(List(), false);
  for (const std::string& header :
       {std::string(), std::string("Bearer secret"), std::string("Bearer"), std::string("Bearer "),
        std::string("Basic secret"), std::string("key-1"), "Bearer " + Sha256Hex("key-1"),
        "Bearer " + std::string(100'000, 'a')}) {
    const auto tenant = keys->Authenticate(header);
    EXPECT_TRUE(absl::IsUnauthenticated(tenant.status())) << header.substr(0, 20);
    EXPECT_THAT(tenant.status().ToString(), Not(HasSubstr("secret")));
  }
}

TEST(StaticKeysTest, AnonymousCallersComeInOnlyWithoutAKey) {
  const auto keys = *StaticKeys::Parse(List(), true);
  EXPECT_EQ(*keys->Authenticate(""), "anonymous");
  EXPECT_TRUE(absl::IsUnauthenticated(keys->Authenticate("Bearer mistyped").status()));
}

TEST(StaticKeysTest, WithoutAListEverybodyIsAnonymous) {
  EXPECT_EQ(*StaticKeys::EverybodyAnonymous()->Authenticate("Bearer whatever"), "anonymous");
}

TEST(StaticKeysTest, BadLinesAreNamedByNumber) {
  const std::string hash = Sha256Hex("k");
  for (const std::string& line :
       {std::string("alice"), "alice " + hash + " more", "Alice " + hash, "anonymous " + hash,
        "alice " + hash.substr(1), std::string("alice key-in-the-clear")}) {
    const auto keys = StaticKeys::Parse("\n" + line, false);
    EXPECT_THAT(std::string(keys.status().message()), HasSubstr("line 2")) << line;
    EXPECT_THAT(std::string(keys.status().message()), Not(HasSubstr("key-in-the-clear")));
  }
}

}  // namespace
}  // namespace darkroom::server
