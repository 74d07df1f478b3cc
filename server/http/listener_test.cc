#include "server/http/listener.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "common/deadline.h"
#include "server/http/listener_fixture.h"

namespace darkroom::server::http {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::MatchesRegex;
using ::testing::Not;

using ListenerTest = ListenerFixture;

TEST_F(ListenerTest, AnswersRequestAfterRequestOnOneConnection) {
  Serve();
  HttpClient client(listener_->port());
  for (const char* body : {"one", "two"}) {
    client.Send(Post("/echo", body));
    const HttpAnswer answer = client.Read();
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.body, body);
    EXPECT_EQ(answer.Header("x-content-type-options"), "nosniff");
    EXPECT_EQ(answer.Header("cache-control"), "no-store");
    EXPECT_THAT(answer.Header("x-request-id"), MatchesRegex("[0-9a-f]+"));
    EXPECT_THAT(answer.Header("date"), HasSubstr(" GMT"));
  }
}

TEST_F(ListenerTest, RequestsThatAreSentAheadAreAnsweredInOrder) {
  Serve();
  HttpClient client(listener_->port());
  client.Send(absl::StrCat(Get("/hold"), Post("/echo", "second"), Get("/pieces"), Get("/none"),
                           Post("/echo", "last")));
  AnswerHeld();
  EXPECT_EQ(client.Read().body, "held");
  EXPECT_EQ(client.Read().body, "second");
  EXPECT_EQ(client.Read().body, "one,two");
  EXPECT_EQ(client.Read().status, 404);
  EXPECT_EQ(client.Read().body, "last");
}

TEST_F(ListenerTest, HeadHasTheHeadersAlone) {
  Serve();
  HttpClient client(listener_->port());
  client.Send("HEAD /livez HTTP/1.1\r\nHost: h\r\n\r\n");
  const HttpAnswer head = client.Read("HEAD");
  EXPECT_EQ(head.status, 200);
  EXPECT_EQ(head.Header("content-length"), "3");
  client.Send(Get("/livez"));
  EXPECT_EQ(client.Read().body, "ok\n");
}

TEST_F(ListenerTest, TellsWhatAPathHasAndWhatItHasNot) {
  Serve();
  HttpClient client(listener_->port());
  client.Send("DELETE /echo HTTP/1.1\r\nHost: h\r\n\r\n");
  const HttpAnswer refused = client.Read();
  EXPECT_EQ(refused.status, 405);
  EXPECT_EQ(refused.Header("allow"), "POST, OPTIONS");
  EXPECT_THAT(refused.body, HasSubstr("METHOD_NOT_ALLOWED"));
  client.Send("OPTIONS /echo HTTP/1.1\r\nHost: h\r\nOrigin: https://evil.example\r\n\r\n");
  const HttpAnswer options = client.Read();
  EXPECT_EQ(options.status, 204);
  EXPECT_EQ(options.Header("allow"), "POST, OPTIONS");
  EXPECT_EQ(options.Header("access-control-allow-origin"), "");
  client.Send(Get("/../etc/passwd"));
  EXPECT_EQ(client.Read().status, 404);
}

TEST_F(ListenerTest, NamesOfOthersAreNotAnsweredTo) {
  options_.hosts = {"pictures.example"};
  Serve();
  HttpClient client(listener_->port());
  client.Send("GET /healthz HTTP/1.1\r\nHost: attacker.example\r\n\r\n");
  const HttpAnswer refused = client.Read();
  EXPECT_EQ(refused.status, 421);
  EXPECT_THAT(refused.body, HasSubstr("FOREIGN_HOST"));
  client.Send("GET /healthz HTTP/1.1\r\nHost: pictures.example\r\n\r\n");
  EXPECT_EQ(client.Read().status, 200);
}

TEST_F(ListenerTest, NamedOriginsAreToldThatTheyMay) {
  options_.allowed_origins = {"https://page.example"};
  Serve();
  HttpClient client(listener_->port());
  client.Send(
      "OPTIONS /echo HTTP/1.1\r\nHost: h\r\nOrigin: https://page.example\r\n"
      "Access-Control-Request-Method: POST\r\nAccess-Control-Request-Headers: "
      "authorization\r\n\r\n");
  const HttpAnswer options = client.Read();
  EXPECT_EQ(options.Header("access-control-allow-origin"), "https://page.example");
  EXPECT_EQ(options.Header("access-control-allow-methods"), "POST");
  EXPECT_EQ(options.Header("access-control-allow-headers"), "authorization");
  client.Send(Get("/none", "Origin: https://page.example\r\n"));
  EXPECT_EQ(client.Read().Header("access-control-allow-origin"), "https://page.example")
      << "errors can be read, too";
}

TEST_F(ListenerTest, TheCallersRequestIdComesBack) {
  Serve();
  HttpClient client(listener_->port());
  client.Send(Get("/livez", "X-Request-Id: mine-1\r\n"));
  EXPECT_EQ(client.Read().Header("x-request-id"), "mine-1");
  client.Send(Get("/none", "X-Request-Id: <script>\r\n"));
  EXPECT_THAT(client.Read().Header("x-request-id"), MatchesRegex("[0-9a-f]+"));
}

TEST_F(ListenerTest, AnAnswerMayComeWhenTheListenerIsGone) {
  Serve();
  HttpClient client(listener_->port());
  client.Send(Get("/hold"));
  ASSERT_TRUE(AwaitHeld());
  listener_ = nullptr;
  RunOn(loop_, [this] {
    held_->Fail(Refusal(500, http_reason::kBusy, "too late"));
    held_->Answer(MakeResponse(200, "text/plain", "too late"));
  });
  EXPECT_TRUE(client.Ends());
}

TEST_F(ListenerTest, WhoeverWaitsIsToldThatTheClientIsGone) {
  Serve();
  {
    HttpClient client(listener_->port());
    client.Send(Get("/watched"));
    EXPECT_TRUE(AwaitHeld());
    EXPECT_EQ(gone_, 0);
  }
  EXPECT_TRUE(Eventually([this] { return gone_ == 1; }));
}

TEST_F(ListenerTest, AClientThatOnlyStoppedSendingHasItsAnswer) {
  Serve();
  HttpClient client(listener_->port());
  client.Send(Get("/hold"));
  client.SendNoMore();
  AnswerHeld();
  EXPECT_EQ(client.Read().body, "held");
  EXPECT_TRUE(client.Ends());
}

TEST_F(ListenerTest, ARequestThatIsLetGoIsAnswered) {
  Serve();
  HttpClient client(listener_->port());
  client.Send(Get("/drop"));
  const HttpAnswer answer = client.Read();
  EXPECT_EQ(answer.status, 500);
  EXPECT_THAT(answer.body, HasSubstr("INTERNAL"));
  client.Send(Get("/livez"));
  EXPECT_EQ(client.Read().status, 200);
}

TEST_F(ListenerTest, TheOldVersionHasAnswersWithoutChunks) {
  Serve();
  HttpClient client(listener_->port());
  client.Send("GET /pieces HTTP/1.0\r\n\r\n");
  const HttpAnswer answer = client.ReadHead();
  EXPECT_EQ(answer.Header("transfer-encoding"), "");
  EXPECT_EQ(answer.Header("connection"), "close");
}

TEST_F(ListenerTest, DrainLetsAnswersEndAndConnectionsWithThem) {
  options_.limits.linger = absl::Milliseconds(100);  // the clients stay
  Serve();
  HttpClient idle(listener_->port());
  idle.Send(Get("/livez"));
  EXPECT_EQ(idle.Read().status, 200);
  HttpClient busy(listener_->port());
  busy.Send(Get("/hold"));
  ASSERT_TRUE(AwaitHeld());
  healthy_ = false;
  listener_->Drain();
  EXPECT_TRUE(idle.Ends());
  HttpClient late(listener_->port());
  late.Send(Get("/healthz"));
  const HttpAnswer health = late.Read();
  EXPECT_EQ(health.status, 503);
  EXPECT_EQ(health.body, "it drains\n");
  EXPECT_TRUE(late.Ends());
  AnswerHeld();
  EXPECT_EQ(busy.Read().body, "held");
  EXPECT_TRUE(busy.Ends());
  listener_->WaitForAnswers(Deadline::In(kLiveness));
}

TEST_F(ListenerTest, CountsByPatternAndClass) {
  Serve();
  {
    HttpClient client(listener_->port());
    client.Send(absl::StrCat(Get("/livez?x=1"), Get("/made/up/path"), Get("/pieces")));
    client.Read();
    client.Read();
    client.Read();
    EXPECT_THAT(metrics_.Text(), HasSubstr("darkroom_http_connections 1"));
  }
  EXPECT_TRUE(Eventually(
      [this] { return absl::StrContains(metrics_.Text(), "darkroom_http_connections 0"); }));
  const std::string text = metrics_.Text();
  const std::string counted = "darkroom_http_request_duration_seconds_count{code=";
  EXPECT_THAT(text, AllOf(HasSubstr(counted + "\"2xx\",method=\"GET\",route=\"/livez\"} 1"),
                          HasSubstr(counted + "\"4xx\",method=\"other\",route=\"other\"} 1"),
                          HasSubstr(counted + "\"2xx\",method=\"GET\",route=\"/pieces\"} 1"),
                          HasSubstr("darkroom_http_open_streams{route=\"/pieces\"} 0"),
                          HasSubstr("darkroom_gateway_refusals_total{reason=\"NO_SUCH_PATH\"} 1"),
                          Not(HasSubstr("made"))));
}

TEST_F(ListenerTest, AnAddressThatIsTakenIsToldOf) {
  Serve();
  Listener::Options second;
  second.listen = absl::StrCat("127.0.0.1:", listener_->port());
  const auto taken = Listener::Start(loop_, Router(), *authenticator_, second);
  EXPECT_THAT(std::string(taken.status().message()), HasSubstr("name an address"));
}

}  // namespace
}  // namespace darkroom::server::http
