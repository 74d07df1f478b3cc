#include "server/http/origin_policy.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <utility>

#include "absl/strings/match.h"

namespace darkroom::server::http {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

Request Make(std::string method, std::vector<Field> headers) {
  Request request;
  request.method = std::move(method);
  request.headers = std::move(headers);
  return request;
}

std::string AllowedOrigin(const OriginPolicy& policy, const Request& request) {
  Response response;
  policy.Mark(request, response);
  for (const Field& header : response.headers) {
    if (header.name == "Access-Control-Allow-Origin") return header.value;
  }
  return "";
}

TEST(OriginPolicyTest, ForeignPagesMayChangeNothing) {
  const OriginPolicy policy({});
  for (const char* method : {"POST", "PUT", "DELETE", "PATCH"}) {
    EXPECT_FALSE(
        policy.Admits(Make(method, {{"Host", "box:7860"}, {"Origin", "https://evil.example"}})));
    EXPECT_FALSE(policy.Admits(Make(method, {{"Host", "box:7860"}, {"Origin", "null"}})));
    EXPECT_TRUE(policy.Admits(Make(method, {{"Host", "box:7860"}, {"Origin", "http://box:7860"}})));
    EXPECT_TRUE(policy.Admits(Make(method, {{"Host", "box:7860"}}))) << "no browser";
  }
  EXPECT_TRUE(policy.Admits(Make("POST", {{"Host", "box"}, {"Origin", "https://box:443"}})));
  EXPECT_FALSE(policy.Admits(Make("POST", {{"Origin", ""}, {"Origin", "http://x"}})));
}

TEST(OriginPolicyTest, OnlyNamedPagesMayReadAnswers) {
  const OriginPolicy policy({"https://page.example"});
  const Request named = Make("GET", {{"Host", "box"}, {"Origin", "https://page.example"}});
  EXPECT_EQ(AllowedOrigin(policy, named), "https://page.example");
  EXPECT_THAT(AllowedOrigin(policy, Make("GET", {{"Origin", "https://evil.example"}})), IsEmpty());
  EXPECT_THAT(AllowedOrigin(OriginPolicy({}), named), IsEmpty());
  EXPECT_EQ(AllowedOrigin(OriginPolicy({"*"}), named), "https://page.example");
}

TEST(OriginPolicyTest, WhatIsNoOriginIsRefused) {
  EXPECT_TRUE(OriginPolicy::Check({"*", "https://a.example", "http://b:8080"}).ok());
  for (const char* wrong : {"a.example", "https://", "https://a.example/", "ftp://a"}) {
    EXPECT_THAT(std::string(OriginPolicy::Check({wrong}).message()), HasSubstr(wrong));
  }
}

}  // namespace
}  // namespace darkroom::server::http
