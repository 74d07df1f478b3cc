#include "server/auth/static_keys.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "common/sha256.h"

namespace darkroom::server {
namespace {

using darkroom::v1::KEY_SCOPE_ADMIN;
using darkroom::v1::KEY_SCOPE_GENERATE;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

std::string List() {
  return absl::StrCat("# keys of the tests\n\nalice ", Sha256Hex("key-1"), "\n  bob\t",
                      absl::AsciiStrToUpper(Sha256Hex("key-2")), " pro  \nalice ",
                      Sha256Hex("key-3"), "\nops ", Sha256Hex("key-4"), " standard admin,generate");
}

TEST(StaticKeysTest, KeyTellsTheTenant) {
  const auto keys = *StaticKeys::Parse(List());
  EXPECT_EQ(keys->Find("key-1").value()->tenant, "alice");
  EXPECT_EQ(keys->Find("key-2").value()->tenant, "bob");
  EXPECT_EQ(keys->Find("key-3").value()->tenant, "alice") << "a second key, for rotation";
  EXPECT_EQ(keys->Find("key-5").value(), std::nullopt);
  EXPECT_EQ(keys->Find(Sha256Hex("key-1")).value(), std::nullopt);
}

TEST(StaticKeysTest, KeyTellsTierAndScopesWhereTheLineDoes) {
  const auto keys = *StaticKeys::Parse(List());
  EXPECT_EQ(keys->Find("key-1").value()->tier, "standard");
  EXPECT_EQ(keys->Find("key-2").value()->tier, "pro");
  EXPECT_THAT(keys->Find("key-2").value()->scopes, ElementsAre(KEY_SCOPE_GENERATE));
  EXPECT_THAT(keys->Find("key-4").value()->scopes,
              ElementsAre(KEY_SCOPE_ADMIN, KEY_SCOPE_GENERATE));
}

TEST(StaticKeysTest, BadLinesAreNamedByNumber) {
  const std::string hash = Sha256Hex("k");
  for (const std::string& line :
       {std::string("alice"), "alice " + hash + " Pro", "alice " + hash + " pro everything",
        "alice " + hash + " pro admin more", "alice " + hash + " pro unspecified", "Alice " + hash,
        "anonymous " + hash, "anonymous-1 " + hash, "alice " + hash.substr(1),
        std::string("alice key-in-the-clear")}) {
    const auto keys = StaticKeys::Parse("\n" + line);
    EXPECT_THAT(std::string(keys.status().message()), HasSubstr("line 2")) << line;
    EXPECT_THAT(std::string(keys.status().message()), Not(HasSubstr("key-in-the-clear")));
  }
}

}  // namespace
}  // namespace darkroom::server
