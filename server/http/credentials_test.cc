#include "server/http/credentials.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "common/sha256.h"
#include "server/auth/bearer_authenticator.h"
#include "server/auth/static_keys.h"
#include "server/http/entrance.h"

namespace darkroom::server::http {
namespace {

std::string Basic(absl::string_view pair) {
  return absl::StrCat("Basic ", absl::Base64Escape(pair));
}

Request WithHeader(std::string name, std::string value) {
  Request head;
  head.headers = {{std::move(name), std::move(value)}};
  return head;
}

TEST(CredentialsTest, ABearerKeyStaysAsItCame) {
  EXPECT_EQ(AuthorizationOf(WithHeader("authorization", "Bearer k"), ""), "Bearer k");
}

TEST(CredentialsTest, ThePasswordOfBasicIsTheKeyWhateverTheUser) {
  EXPECT_EQ(AuthorizationOf(WithHeader("authorization", Basic("me:k")), ""), "Bearer k");
  EXPECT_EQ(AuthorizationOf(WithHeader("authorization", Basic(":k:with:colons")), ""),
            "Bearer k:with:colons");
}

TEST(CredentialsTest, BasicWithoutAPasswordSaysNoKey) {
  for (const char* pair : {":", "", "me:", "me"}) {
    EXPECT_EQ(AuthorizationOf(WithHeader("authorization", Basic(pair)), ""), "") << pair;
  }
}

TEST(CredentialsTest, AHeaderOfAnotherFormIsNotTakenForNone) {
  EXPECT_EQ(AuthorizationOf(WithHeader("authorization", "Basic !!"), ""), "Basic !!");
  EXPECT_EQ(AuthorizationOf(WithHeader("authorization", "Digest x"), "token"), "Digest x");
}

TEST(CredentialsTest, OtherPlacesCountWhereTheHeaderSaysNoKey) {
  Request head = WithHeader("X-Dezgo-Key", "d");
  EXPECT_EQ(AuthorizationOf(head, "t"), "Bearer d");
  head.headers.push_back({"Authorization", Basic(":")});
  EXPECT_EQ(AuthorizationOf(head, "t"), "Bearer d");
  EXPECT_EQ(AuthorizationOf(WithHeader("Authorization", Basic(":")), "t"), "Bearer t");
  EXPECT_EQ(AuthorizationOf({}, ""), "");
}

TEST(CredentialsTest, ATokenIsTakenOffThePath) {
  const struct {
    std::string path, token, rest;
  } cases[] = {
      {"/token/k/sdapi/v1/txt2img", "k", "/sdapi/v1/txt2img"},
      {"/token/a%2Fb/x", "a/b", "/x"},
      {"/token/k", "k", "/"},
      {"/token//x", "", "/x"},
      {"/token/%zz/x", "", "/token/%zz/x"},
      {"/tokens/k/x", "", "/tokens/k/x"},
      {"/x/token/k", "", "/x/token/k"},
  };
  for (const auto& [path, token, rest] : cases) {
    Request head;
    head.path = path;
    EXPECT_EQ(TakePathToken(head), token) << path;
    EXPECT_EQ(head.path, rest) << path;
  }
}

class EntranceCredentialsTest : public testing::Test {
 protected:
  EntranceCredentialsTest() {
    router_.Add({"GET", "/who", Access::AnyKey(), 0, [](std::shared_ptr<Exchange>) {}});
  }

  // The tenant that is let in; empty: nobody.
  std::string Judge(Request head) {
    head.method = "GET";
    const Entrance::Verdict verdict = entrance_.Judge(head);
    EXPECT_EQ(head.path, "/who");
    return verdict.route == nullptr ? "" : head.caller.tenant;
  }

  Router router_;
  const BearerAuthenticator authenticator_{
      {*StaticKeys::Parse(absl::StrCat("alice ", Sha256Hex("alice-key")))}, std::nullopt};
  const OriginPolicy origins_{{}};
  const HostPolicy hosts_{{"*"}};
  const Entrance entrance_{router_, authenticator_, origins_, hosts_};
};

TEST_F(EntranceCredentialsTest, LetsInByEachWayToSayAKey) {
  Request by_path;
  by_path.path = "/token/alice-key/who";
  EXPECT_EQ(Judge(by_path), "alice");
  Request by_basic = WithHeader("Authorization", Basic("any:alice-key"));
  by_basic.path = "/who";
  EXPECT_EQ(Judge(by_basic), "alice");
  Request by_dezgo = WithHeader("X-Dezgo-Key", "alice-key");
  by_dezgo.path = "/who";
  EXPECT_EQ(Judge(by_dezgo), "alice");
}

TEST_F(EntranceCredentialsTest, RefusesAWrongTokenWithoutRepeatingIt) {
  Request head;
  head.method = "GET";
  head.path = "/token/wrong-secret/who";
  const Entrance::Verdict verdict = entrance_.Judge(head);
  EXPECT_EQ(verdict.route, nullptr);
  EXPECT_EQ(verdict.answer.status, 401);
  EXPECT_EQ(verdict.answer.body->find("wrong-secret"), std::string::npos);
}

}  // namespace
}  // namespace darkroom::server::http
