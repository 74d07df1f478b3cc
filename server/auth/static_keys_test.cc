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

// Empty for a caller that is refused.
std::string TenantOf(const Authenticator& keys, absl::string_view authorization) {
  const auto caller = keys.Authenticate(authorization);
  return caller.ok() ? caller->tenant : "";
}

TEST(StaticKeysTest, KeyTellsTheTenant) {
  const auto keys = *StaticKeys::Parse(List(), false);
  EXPECT_EQ(TenantOf(*keys, "Bearer key-1"), "alice");
  EXPECT_EQ(TenantOf(*keys, "bearer key-2"), "bob");
  EXPECT_EQ(TenantOf(*keys, "Bearer  key-3 "), "alice") << "a second key, for rotation";
}

TEST(StaticKeysTest, KeyTellsTheTier) {
  const auto keys = *StaticKeys::Parse(
      absl::StrCat("alice ", Sha256Hex("key-1"), "\nbob ", Sha256Hex("key-2"), " pro\n"), true);
  EXPECT_EQ(keys->Authenticate("Bearer key-1")->tier, "standard");
  EXPECT_EQ(keys->Authenticate("Bearer key-2")->tier, "pro");
  EXPECT_EQ(keys->Authenticate("")->tier, "anonymous");
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
  EXPECT_EQ(TenantOf(*keys, ""), "anonymous");
  EXPECT_TRUE(absl::IsUnauthenticated(keys->Authenticate("Bearer mistyped").status()));
}

TEST(StaticKeysTest, WithoutAListEverybodyIsAnonymous) {
  EXPECT_EQ(TenantOf(*StaticKeys::EverybodyAnonymous(), "Bearer whatever"), "anonymous");
}

TEST(StaticKeysTest, BadLinesAreNamedByNumber) {
  const std::string hash = Sha256Hex("k");
  for (const std::string& line :
       {std::string("alice"), "alice " + hash + " Pro", "alice " + hash + " pro more",
        "Alice " + hash, "anonymous " + hash, "alice " + hash.substr(1),
        std::string("alice key-in-the-clear")}) {
    const auto keys = StaticKeys::Parse("\n" + line, false);
    EXPECT_THAT(std::string(keys.status().message()), HasSubstr("line 2")) << line;
    EXPECT_THAT(std::string(keys.status().message()), Not(HasSubstr("key-in-the-clear")));
  }
}

}  // namespace
}  // namespace darkroom::server
