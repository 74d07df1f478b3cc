#include "common/trace/http_poster.h"

#include <string>

#include "absl/status/status.h"
#include "common/trace/testing/http_recorder.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace darkroom::trace {
namespace {

using ::testing::HasSubstr;

constexpr absl::Duration kPatience = absl::Minutes(1);

TEST(HttpEndpoint, HostPortAndPathAreReadOfAUrl) {
  const HttpEndpoint endpoint = ParseHttpEndpoint("http://tempo.example:4318/otlp/v1/x?y").value();
  EXPECT_EQ(endpoint.host, "tempo.example");
  EXPECT_EQ(endpoint.port, 4318);
  EXPECT_EQ(endpoint.target, "/otlp/v1/x?y");
  EXPECT_EQ(ParseHttpEndpoint("http://[::1]:80/x")->host, "::1");
}

TEST(HttpEndpoint, WithoutAPathTheUsualOneIsMeant) {
  EXPECT_EQ(ParseHttpEndpoint("http://127.0.0.1:4318")->target, "/v1/traces");
  EXPECT_EQ(ParseHttpEndpoint("http://127.0.0.1:4318/")->target, "/v1/traces");
}

TEST(HttpEndpoint, OtherUrlsAreRefusedWithTheWayOut) {
  for (const char* url :
       {"", "127.0.0.1:4318", "https://127.0.0.1:4318", "http://", "http://host",
        "http://host/v1/traces", "http://host:0/", "http://host:65536/", "http://host:4318/a b",
        "http://host:4318/a\r\nHost: x", "http://key@host:4318/", "grpc://host:4317"}) {
    const absl::Status status = ParseHttpEndpoint(url).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << url;
    EXPECT_THAT(std::string(status.message()), HasSubstr("http://127.0.0.1:4318/v1/traces"));
  }
}

class HttpPosterTest : public testing::Test {
 protected:
  HttpRecorder recorder_;
  HttpPoster poster_{ParseHttpEndpoint(recorder_.url()).value()};
};

TEST_F(HttpPosterTest, BodiesArriveAsJsonOverOneConnection) {
  EXPECT_EQ(*poster_.Post("{\"a\":1}", kPatience), 200);
  EXPECT_EQ(*poster_.Post("{}", kPatience), 200);
  ASSERT_EQ(recorder_.requests().size(), 2u);
  EXPECT_EQ(recorder_.requests()[0].body, "{\"a\":1}");
  EXPECT_EQ(recorder_.requests()[0].target, "/v1/traces");
  EXPECT_EQ(recorder_.requests()[0].content_type, "application/json");
  EXPECT_EQ(recorder_.connections(), 1);
}

TEST_F(HttpPosterTest, AConnectionThatWasClosedMeanwhileIsMadeAgain) {
  recorder_.SetKeepAlive(false);
  EXPECT_EQ(*poster_.Post("{}", kPatience), 200);
  EXPECT_EQ(*poster_.Post("{}", kPatience), 200);
  EXPECT_EQ(recorder_.requests().size(), 2u);
  EXPECT_EQ(recorder_.connections(), 2);
}

TEST_F(HttpPosterTest, TheStatusIsTheAnswers) {
  recorder_.SetStatus(503);
  EXPECT_EQ(*poster_.Post("{}", kPatience), 503);
}

TEST_F(HttpPosterTest, WhoDoesNotAnswerIsUnavailable) {
  recorder_.SetStatus(HttpRecorder::kSilence);
  EXPECT_TRUE(absl::IsUnavailable(poster_.Post("{}", absl::Milliseconds(50)).status()));
}

TEST(HttpPoster, WhereNobodyListensIsUnavailable) {
  std::string url;
  {
    const HttpRecorder gone;
    url = gone.url();
  }
  HttpPoster poster(ParseHttpEndpoint(url).value());
  EXPECT_TRUE(absl::IsUnavailable(poster.Post("{}", kPatience).status()));
}

}  // namespace
}  // namespace darkroom::trace
