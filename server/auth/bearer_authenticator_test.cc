#include "server/auth/bearer_authenticator.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <string>

#include "server/core/api_error.h"

namespace darkroom::server {
namespace {

using testing::HasSubstr;
using testing::Not;

// Knows the keys that a test gives it, and may be out of order.
class FakeKeys : public KeySource {
 public:
  absl::StatusOr<std::optional<Caller>> Find(absl::string_view key) const override {
    if (!status.ok()) return status;
    const auto found = tenants.find(std::string(key));
    if (found == tenants.end()) return std::nullopt;
    Caller caller;
    caller.tenant = found->second;
    return caller;
  }

  std::map<std::string, std::string> tenants;
  absl::Status status;
};

class BearerAuthenticatorTest : public testing::Test {
 protected:
  BearerAuthenticatorTest() {
    first_->tenants = {{"key-1", "alice"}};
    second_->tenants = {{"key-1", "mallory"}, {"key-2", "bob"}};
  }
  // Empty for a caller that is refused.
  std::string TenantOf(absl::string_view authorization, bool allow_anonymous = false) const {
    const auto caller =
        BearerAuthenticator({first_, second_}, allow_anonymous).Authenticate(authorization);
    return caller.ok() ? caller->tenant : "";
  }

  std::shared_ptr<FakeKeys> first_ = std::make_shared<FakeKeys>();
  std::shared_ptr<FakeKeys> second_ = std::make_shared<FakeKeys>();
};

TEST_F(BearerAuthenticatorTest, TheFirstSourceThatKnowsTheKeyTellsTheTenant) {
  EXPECT_EQ(TenantOf("Bearer key-1"), "alice");
  EXPECT_EQ(TenantOf("bearer  key-2 "), "bob");
}

TEST_F(BearerAuthenticatorTest, EverythingElseIsUnauthenticatedAndNotRepeated) {
  const BearerAuthenticator keys({first_, second_}, false);
  for (const std::string& header :
       {std::string(), std::string("Bearer secret"), std::string("Bearer"), std::string("Bearer "),
        std::string("Basic secret"), std::string("key-1"), "Bearer " + std::string(100'000, 'a')}) {
    const auto caller = keys.Authenticate(header);
    EXPECT_TRUE(absl::IsUnauthenticated(caller.status())) << header.substr(0, 20);
    EXPECT_THAT(caller.status().ToString(), Not(HasSubstr("secret")));
  }
}

TEST_F(BearerAuthenticatorTest, AnonymousCallersComeInOnlyWithoutAKey) {
  EXPECT_EQ(TenantOf("", true), "anonymous");
  EXPECT_EQ(TenantOf("Bearer mistyped", true), "");
  EXPECT_EQ(BearerAuthenticator({}, true).Authenticate("")->tier, "anonymous");
}

TEST_F(BearerAuthenticatorTest, WhatCannotBeToldIsNotTakenForAWrongKey) {
  second_->status = absl::UnavailableError("away");
  const BearerAuthenticator keys({first_, second_}, false);
  EXPECT_TRUE(keys.Authenticate("Bearer key-1").ok());
  EXPECT_TRUE(absl::IsUnavailable(keys.Authenticate("Bearer key-2").status()));
}

TEST_F(BearerAuthenticatorTest, WithoutKeysEverybodyIsAnonymousAndMayNotAdminister) {
  const auto caller = BearerAuthenticator::EverybodyAnonymous()->Authenticate("Bearer whatever");
  EXPECT_EQ(caller->tenant, "anonymous");
  EXPECT_TRUE(caller->Has(darkroom::v1::KEY_SCOPE_GENERATE));
  EXPECT_FALSE(caller->Has(darkroom::v1::KEY_SCOPE_ADMIN));
}

}  // namespace
}  // namespace darkroom::server
