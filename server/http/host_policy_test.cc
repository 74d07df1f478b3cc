#include "server/http/host_policy.h"

#include <gtest/gtest.h>

namespace darkroom::server::http {
namespace {

bool Admits(const HostPolicy& policy, const std::string& host) {
  Request request;
  request.headers.push_back({"Host", host});
  return policy.Admits(request);
}

TEST(HostPolicyTest, NamesThatNobodyElseCanHaveAreAnswered) {
  const HostPolicy policy({});
  for (const char* host :
       {"127.0.0.1:7860", "192.168.1.20", "[::1]:7860", "[fe80::1]", "localhost:7860", "LocalHost",
        "box", "gateway:7860", "box.local:7860", "darkroom.pool.svc.cluster.local", "a.localhost",
        "gpu.internal", "box.home.arpa.", ""}) {
    EXPECT_TRUE(Admits(policy, host)) << host;
  }
}

TEST(HostPolicyTest, NamesThatSomebodyMayHaveRegisteredAreNot) {
  const HostPolicy policy({});
  for (const char* host : {"attacker.example", "attacker.example:7860", "attacker.example.",
                           "127.0.0.1.attacker.example", "local.attacker.example",
                           "notlocal.example", "localhost.attacker.example:80"}) {
    EXPECT_FALSE(Admits(policy, host)) << host;
  }
}

TEST(HostPolicyTest, NamesThatTheHostHasNamedAre) {
  const HostPolicy policy({"Pictures.example.org"});
  EXPECT_TRUE(Admits(policy, "pictures.example.org:443"));
  EXPECT_TRUE(Admits(policy, "PICTURES.example.org."));
  EXPECT_FALSE(Admits(policy, "evil.pictures.example.org"));
  EXPECT_TRUE(Admits(HostPolicy({"*"}), "anything.example"));
}

TEST(HostPolicyTest, ARequestWithoutAHostIsAnswered) {
  EXPECT_TRUE(HostPolicy({}).Admits(Request()));
}

}  // namespace
}  // namespace darkroom::server::http
