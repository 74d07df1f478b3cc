#include <gmock/gmock.h>

#include "server/rest/rest_fixture.h"

namespace darkroom::server::rest {
namespace {

using darkroom::v1::Job;
using ::testing::HasSubstr;
using ::testing::Not;

class SafetyTest : public RestTest {};

TEST_F(SafetyTest, AJobOfSomebodyElseIsUnknown) {
  const std::string name = Read<Job>(Post("/v1/jobs", kAppleJson, kAliceKey)).name();
  ASSERT_TRUE(worker_.Lease());
  worker_.Image(0, "picture");
  worker_.Succeed();
  for (const char* key : {kBobKey, ""}) {
    for (const char* rest : {"", "/events", "/images/0"}) {
      const HttpAnswer answer = Get(absl::StrCat(Path(name), rest), key);
      EXPECT_EQ(answer.status, 404) << rest;
      EXPECT_THAT(answer.body, HasSubstr("JOB_NOT_FOUND"));
    }
    EXPECT_EQ(Post(Path(name) + ":cancel", "", key).status, 404);
  }
  EXPECT_EQ(Get(Path(name) + "/images/0", kAliceKey).body, "picture");
}

TEST_F(SafetyTest, KeysAndScopesAreThoseOfGrpc) {
  const HttpAnswer unknown = Get("/v1/jobs", "no such key");
  EXPECT_EQ(unknown.status, 401);
  EXPECT_EQ(unknown.Header("www-authenticate"), "Bearer");
  const HttpAnswer scope = Post("/v1/jobs", kAppleJson, kAdminKey);
  EXPECT_EQ(scope.status, 403);
  EXPECT_THAT(scope.body, HasSubstr("MISSING_SCOPE"));
  EXPECT_EQ(Get("/v1/models", kAdminKey).status, 200) << "any key will do";
  EXPECT_EQ(Get("/v1/models", "no such key").status, 401);
  EXPECT_TRUE(Eventually([this] { return Get("/healthz", "no such key").status == 200; }))
      << "for those who balance load";
}

TEST_F(SafetyTest, ABodyOfSomebodyUnknownIsNotRead) {
  HttpClient client(http_->port());
  client.Send(absl::StrCat(Head("POST", "/v1/jobs", "no such key"),
                           "Content-Type: application/json\r\nContent-Length: 20000000\r\n\r\n"));
  EXPECT_EQ(client.Read().status, 401);
  EXPECT_TRUE(client.Ends());
}

TEST_F(SafetyTest, WhatAProxySaysOfItsCallerCountsAsItDoesOverGrpc) {
  const auto from = [](absl::string_view address, absl::string_view method,
                       absl::string_view target) {
    return absl::StrCat(Head(method, target), "X-Forwarded-For: ", address, "\r\n");
  };
  const std::string name =
      Read<Job>(Ask(WithJson(from("192.0.2.1", "POST", "/v1/jobs"), kAppleJson))).name();
  EXPECT_EQ(Ask(absl::StrCat(from("192.0.2.1", "GET", Path(name)), "\r\n")).status, 200);
  EXPECT_EQ(Ask(absl::StrCat(from("192.0.2.2", "GET", Path(name)), "\r\n")).status, 404);
}

TEST_F(SafetyTest, PagesOfOtherOriginsMakeNothing) {
  const std::string foreign =
      absl::StrCat(Head("POST", "/v1/jobs"), "Origin: https://evil.example\r\n");
  EXPECT_EQ(Ask(WithJson(foreign, kAppleJson)).status, 403);
  EXPECT_EQ(
      Ask(absl::StrCat(foreign, "Content-Type: text/plain\r\nContent-Length: 2\r\n\r\n{}")).status,
      403)
      << "what needs no preflight";
  const HttpAnswer preflight =
      Ask(absl::StrCat(Head("OPTIONS", "/v1/jobs"), "Origin: https://evil.example\r\n",
                       "Access-Control-Request-Method: POST\r\n\r\n"));
  EXPECT_EQ(preflight.Header("access-control-allow-methods"), "");
  EXPECT_EQ(Read<darkroom::v1::ListJobsResponse>(Get("/v1/jobs")).jobs_size(), 0);
  EXPECT_EQ(Ask(WithJson(absl::StrCat(Head("POST", "/v1/jobs"), "Origin: http://gateway\r\n"),
                         kAppleJson))
                .status,
            200)
      << "its own page";
}

TEST_F(SafetyTest, PathsLeadNowhereElse) {
  for (const char* path :
       {"/v1/../../etc/passwd", "/v1/jobs/../../../etc/passwd", "/etc/passwd", "/v1/", "//v1/jobs",
        "/v1/jobs/a/images/0/../../../..", "/v1/jobs%2f..%2f..%2fetc%2fpasswd"}) {
    EXPECT_EQ(Get(path).status, 404) << path;
  }
  for (const char* path : {"/v1/jobs/%2e%2e%2f%2e%2e%2fetc%2fpasswd", "/v1/jobs/..",
                           "/v1/jobs/..%2f..%2fetc/images/0"}) {
    const HttpAnswer answer = Get(path);
    EXPECT_EQ(answer.status, 400) << path << " is no name of a job";
    EXPECT_THAT(answer.body, Not(HasSubstr("root:")));
  }
}

TEST_F(SafetyTest, MarkupInAPromptIsOnlyText) {
  const HttpAnswer answer =
      Post("/v1/jobs", R"({"parameters":{"prompt":"</script><img src=x onerror=alert(1)>"}})");
  EXPECT_EQ(answer.Header("content-type"), "application/json");
  EXPECT_EQ(answer.Header("x-content-type-options"), "nosniff");
  EXPECT_THAT(answer.body, Not(HasSubstr("<"))) << "nothing that a page could take for a tag";
}

}  // namespace
}  // namespace darkroom::server::rest
