#include "server/auth/bearer_authenticator.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <string>

#include "common/ids.h"
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
  std::string TenantOf(absl::string_view authorization,
                       std::optional<Anonymous> anonymous = std::nullopt) const {
    const auto caller = BearerAuthenticator({first_, second_}, std::move(anonymous))
                            .Authenticate({.authorization = authorization});
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
  const BearerAuthenticator keys({first_, second_}, std::nullopt);
  for (const std::string& header :
       {std::string(), std::string("Bearer secret"), std::string("Bearer"), std::string("Bearer "),
        std::string("Basic secret"), std::string("key-1"), "Bearer " + std::string(100'000, 'a')}) {
    const auto caller = keys.Authenticate({.authorization = header});
    EXPECT_TRUE(absl::IsUnauthenticated(caller.status())) << header.substr(0, 20);
    EXPECT_THAT(caller.status().ToString(), Not(HasSubstr("secret")));
  }
}

TEST_F(BearerAuthenticatorTest, AnonymousCallersComeInOnlyWithoutAKey) {
  EXPECT_EQ(TenantOf("", Anonymous()), "anonymous");
  EXPECT_EQ(TenantOf("Bearer mistyped", Anonymous()), "");
  EXPECT_EQ(BearerAuthenticator({}, Anonymous()).Authenticate({})->tier, "anonymous");
}

TEST_F(BearerAuthenticatorTest, WithAPepperEachAddressIsATenantWithoutShowingIt) {
  const auto tenant = [](absl::string_view peer, absl::string_view forwarded = "",
                         absl::string_view pepper = "pepper") {
    const Anonymous anonymous = {Pepper(pepper), TrustedProxies::Parse({"10.0.0.0/8"}).value()};
    return BearerAuthenticator({}, anonymous)
        .Authenticate({.authorization = "", .peer = peer, .forwarded = forwarded})
        ->tenant;
  };
  const std::string one = tenant("ipv4:192.0.2.1:80");
  EXPECT_THAT(one, testing::MatchesRegex("anonymous-[0-9a-f]{40}"));
  EXPECT_TRUE(IsCatalogueId(one));
  EXPECT_EQ(tenant("ipv4:192.0.2.1:4711"), one);
  EXPECT_EQ(tenant("ipv4:10.0.0.1:80", "192.0.2.1"), one);
  EXPECT_NE(tenant("ipv4:192.0.2.2:80"), one);
  EXPECT_NE(tenant("ipv4:192.0.2.2:80", "192.0.2.1"), one);
  EXPECT_NE(tenant("ipv4:192.0.2.1:80", "", "another pepper"), one);
  EXPECT_EQ(tenant("unix:/run/x"), "anonymous");
}

TEST_F(BearerAuthenticatorTest, WhatCannotBeToldIsNotTakenForAWrongKey) {
  second_->status = absl::UnavailableError("away");
  const BearerAuthenticator keys({first_, second_}, std::nullopt);
  EXPECT_TRUE(keys.Authenticate({.authorization = "Bearer key-1"}).ok());
  EXPECT_TRUE(absl::IsUnavailable(keys.Authenticate({.authorization = "Bearer key-2"}).status()));
}

TEST_F(BearerAuthenticatorTest, WithoutKeysEverybodyIsAnonymousAndMayNotAdminister) {
  const auto caller = BearerAuthenticator::EverybodyAnonymous()->Authenticate(
      {.authorization = "Bearer whatever", .peer = "ipv4:192.0.2.1:80"});
  EXPECT_EQ(caller->tenant, "anonymous");
  EXPECT_TRUE(caller->Has(darkroom::v1::KEY_SCOPE_GENERATE));
  EXPECT_FALSE(caller->Has(darkroom::v1::KEY_SCOPE_ADMIN));
}

}  // namespace
}  // namespace darkroom::server
