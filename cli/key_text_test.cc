#include "cli/key_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace darkroom::cli {
namespace {

using ::testing::HasSubstr;

TEST(KeyTextTest, SaysWhatKeysAreForAndHowTheyStand) {
  const absl::Time now = absl::FromUnixSeconds(1'700'000'000);
  v1::ListKeysResponse listed;
  v1::ApiKey& key = *listed.add_keys();
  key.set_name("keys/1");
  key.set_tenant("alice");
  key.set_tier("pro");
  key.add_scopes(v1::KEY_SCOPE_GENERATE);
  key.add_scopes(v1::KEY_SCOPE_ADMIN);
  key.set_label("laptop");
  EXPECT_THAT(KeysText(listed, now), HasSubstr("keys/1  alice   pro   generate,admin"));
  EXPECT_THAT(KeysText(listed, now), HasSubstr("good   laptop"));
  key.mutable_expire_time()->set_seconds(absl::ToUnixSeconds(now) + 1);
  EXPECT_THAT(KeysText(listed, now), HasSubstr("good until 2023-11-1"));
  key.mutable_expire_time()->set_seconds(absl::ToUnixSeconds(now));
  EXPECT_THAT(KeysText(listed, now), HasSubstr("expired 2023-11-1"));
  key.mutable_revoke_time()->set_seconds(absl::ToUnixSeconds(now));
  EXPECT_THAT(KeysText(listed, now), HasSubstr("revoked 2023-11-1"));
}

TEST(KeyTextTest, ReadsScopesByTheirNames) {
  EXPECT_EQ(ParseKeyScope("generate").value(), v1::KEY_SCOPE_GENERATE);
  EXPECT_EQ(ParseKeyScope("admin").value(), v1::KEY_SCOPE_ADMIN);
  EXPECT_THAT(std::string(ParseKeyScope("root").status().message()),
              HasSubstr("generate and admin"));
}

TEST(KeyTextTest, TakesKeysByNameAndById) {
  EXPECT_EQ(KeyName("ab"), "keys/ab");
  EXPECT_EQ(KeyName("keys/ab"), "keys/ab");
}

}  // namespace
}  // namespace darkroom::cli
