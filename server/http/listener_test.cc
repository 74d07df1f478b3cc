#include "server/http/listener.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <functional>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "server/auth/bearer_authenticator.h"
#include "server/core/run_on.h"
#include "server/http/health_routes.h"
#include "server/testing/http_client.h"

namespace darkroom::server::http {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::MatchesRegex;
using ::testing::Not;

constexpr absl::Duration kLiveness = absl::Seconds(60);

bool Eventually(const std::function<bool()>& holds) {
  const Deadline end = Deadline::In(kLiveness);
  while (!holds()) {
    if (end.passed()) return false;
    absl::SleepFor(absl::Milliseconds(5));
  }
  return true;
}

// A server of a few routes that need no gateway.
class ListenerTest : public ::testing::Test {
 protected:
  using ExchangePointer = std::shared_ptr<Exchange>;

  ListenerTest() {
    AddHealthRoutes(router_, [this] {
      return healthy_ ? absl::OkStatus() : absl::UnavailableError("it drains");
    });
    Add("POST", "/echo", [](const ExchangePointer& exchange) {
      exchange->Answer(MakeResponse(200, "text/plain", exchange->request().body));
    });
    Add("GET", "/drop", [](const ExchangePointer&) {});
    Add("GET", "/hold", [this](const ExchangePointer& exchange) { held_ = exchange; });
    Add("GET", "/watched", [this](const ExchangePointer& exchange) {
      held_ = exchange;
      exchange->WhenGone([this] { ++gone_; });
    });
    router_.Add({"GET", "/pieces", Access::Open(), 0,
                 [](const ExchangePointer& exchange) { SendPieces(exchange); }, true});
    router_.Add({"GET", "/endless", Access::Open(), 0,
                 [this](const ExchangePointer& exchange) {
                   exchange->WhenGone([this] { ++gone_; });
                   exchange->Begin({});
                   SendForEver(exchange);
                 },
                 true});
  }
  ~ListenerTest() override {
    RunOn(loop_, [this] { held_ = nullptr; });
    listener_ = nullptr;
  }

  void Add(std::string method, std::string pattern, Handler handler) {
    router_.Add({std::move(method), std::move(pattern), Access::Open(), 1000, std::move(handler)});
  }
  void Serve() {
    options_.listen = "127.0.0.1:0";
    options_.metrics = &metrics_;
    listener_ = *Listener::Start(loop_, router_, *authenticator_, options_);
  }
  static void SendPieces(const ExchangePointer& exchange) {
    exchange->Begin(MakeResponse(200, "text/plain", ""));
    exchange->Write("one,",
                    [exchange] { exchange->Write("two", [exchange] { exchange->End(); }); });
  }
  static void SendForEver(const ExchangePointer& exchange) {
    exchange->Write(std::string(100'000, 'x'), [exchange] { SendForEver(exchange); });
  }
  bool AwaitHeld() {
    return Eventually([this] {
      bool holds = false;
      RunOn(loop_, [this, &holds] { holds = held_ != nullptr; });
      return holds;
    });
  }
  void AnswerHeld() {
    ASSERT_TRUE(AwaitHeld());
    RunOn(loop_, [this] {
      held_->Answer(MakeResponse(200, "text/plain", "held"));
      held_ = nullptr;
    });
  }
  static std::string Get(absl::string_view path, absl::string_view more = "") {
    return absl::StrCat("GET ", path, " HTTP/1.1\r\nHost: h\r\n", more, "\r\n");
  }
  static std::string Post(absl::string_view path, absl::string_view body) {
    return absl::StrCat("POST ", path, " HTTP/1.1\r\nHost: h\r\nContent-Length: ", body.size(),
                        "\r\n\r\n", body);
  }
  // Whether others are served as if nothing was.
  bool ServesOthers() {
    HttpClient other(listener_->port());
    other.Send(Post("/echo", "other"));
    return other.Read().body == "other";
  }

  std::atomic<bool> healthy_ = true;
  std::atomic<int> gone_ = 0;
  ExchangePointer held_;  // the loop's
  Router router_;
  Listener::Options options_;
  metrics::Registry metrics_;
  const std::unique_ptr<Authenticator> authenticator_ = BearerAuthenticator::EverybodyAnonymous();
  AsioLoop loop_;
  std::unique_ptr<Listener> listener_;
};

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

TEST_F(ListenerTest, AClientThatSendsFarAheadIsNotReadForEver) {
  Serve();
  HttpClient client(listener_->port());
  client.Send(Get("/hold"));
  std::string ahead;
  for (int i = 0; i < 2000; ++i) absl::StrAppend(&ahead, Post("/echo", absl::StrCat(i)));
  std::thread sender([&client, &ahead] { client.Send(ahead); });
  EXPECT_TRUE(ServesOthers());
  AnswerHeld();
  EXPECT_EQ(client.Read().body, "held");
  for (int i = 0; i < 2000; ++i) ASSERT_EQ(client.Read().body, absl::StrCat(i));
  sender.join();
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

TEST_F(ListenerTest, BadRequestsAreRefusedAndTheirConnectionsEnd) {
  Serve();
  const std::pair<std::string, int> bad[] = {
      {"nonsense\r\n\r\n", 400},
      {"GET / HTTP/2.0\r\nHost: h\r\n\r\n", 505},
      {absl::StrCat("GET / HTTP/1.1\r\nHost: h\r\nX: ", std::string(20'000, 'x'), "\r\n\r\n"), 431},
      {absl::StrCat("GET /", std::string(20'000, 'x'), " HTTP/1.1\r\nHost: h\r\n\r\n"), 431},
      {Post("/echo", std::string(1001, 'x')), 413},
      {Post("/livez", "body"), 405},
      {"GET /livez HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\n\r\nbody", 413}};
  for (const auto& [request, status] : bad) {
    HttpClient client(listener_->port());
    client.Send(request);
    const HttpAnswer answer = client.Read();
    EXPECT_EQ(answer.status, status) << request.substr(0, 40);
    EXPECT_EQ(answer.Header("connection"), "close");
    EXPECT_EQ(answer.Header("content-type"), "application/json");
    EXPECT_TRUE(client.Ends());
  }
  EXPECT_TRUE(ServesOthers());
}

TEST_F(ListenerTest, ABodyIsCalledForWhenItWouldBeTaken) {
  Serve();
  HttpClient client(listener_->port());
  const auto announce = [](int bytes) {
    return absl::StrCat(
        "POST /echo HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: ", bytes,
        "\r\n\r\n");
  };
  client.Send(announce(4));
  EXPECT_EQ(client.Read().status, 100);
  client.Send("body");
  EXPECT_EQ(client.Read().body, "body");
  client.Send(announce(5000));
  EXPECT_EQ(client.Read().status, 413);
}

TEST_F(ListenerTest, BodiesTogetherHaveABound) {
  options_.limits.all_bodies_bytes = 1500;
  Serve();
  const auto begin = [](HttpClient& client) {
    client.Send(
        "POST /echo HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 1000\r\n\r\n");
    return client.Read();
  };
  {
    HttpClient first(listener_->port());
    EXPECT_EQ(begin(first).status, 100);
    HttpClient second(listener_->port());
    const HttpAnswer busy = begin(second);
    EXPECT_EQ(busy.status, 503);
    EXPECT_EQ(busy.Header("retry-after"), "1");
    EXPECT_TRUE(ServesOthers()) << "there is room for less";
    first.Send(std::string(1000, 'x'));
    EXPECT_EQ(first.Read().body.size(), 1000u);
    EXPECT_EQ(begin(first).status, 100);
  }  // goes away in the middle of its body
  EXPECT_TRUE(Eventually([&] {
    HttpClient third(listener_->port());
    return begin(third).status == 100;
  }));
}

// On a busy machine a client may be slower than these times before it has sent anything.
TEST_F(ListenerTest, SlowRequestsAreCut) {
  options_.limits.head = absl::Milliseconds(100);
  options_.limits.body = absl::Milliseconds(100);
  options_.limits.idle = absl::Milliseconds(100);
  Serve();
  HttpClient silent(listener_->port());
  EXPECT_TRUE(silent.Ends());
  for (const char* begun : {"GET /livez HTTP/1.1\r\n",
                            "POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\n\r\nbo"}) {
    EXPECT_TRUE(Eventually([this, begun] {
      HttpClient client(listener_->port());
      client.Send(begun);
      return client.Read().status == 408 && client.Ends();
    })) << begun;
  }
  EXPECT_TRUE(Eventually([this] {
    HttpClient idle(listener_->port());
    idle.Send(Get("/livez"));
    return idle.Read().status == 200 && idle.Ends();
  }));
}

TEST_F(ListenerTest, BytesThatTrickleDoNotProlongTheHead) {
  options_.limits.head = absl::Milliseconds(200);
  Serve();
  EXPECT_TRUE(Eventually([this] {
    HttpClient client(listener_->port());
    client.Send("GET /livez HTTP/1.1\r\nX: ");
    std::atomic<bool> over = false;
    std::thread trickle([&client, &over] {
      while (!over && client.Send("x")) absl::SleepFor(absl::Milliseconds(20));
    });
    const int status = client.Read().status;
    over = true;
    trickle.join();
    return status == 408;
  }));
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

TEST_F(ListenerTest, ReadersThatTakeNothingAreCut) {
  options_.limits.write = absl::Milliseconds(200);
  Serve();
  HttpClient client(listener_->port(), 4096);
  client.Send(Get("/endless"));
  EXPECT_EQ(client.ReadHead().status, 200);
  EXPECT_TRUE(Eventually([this] { return gone_ == 1; }));
  EXPECT_TRUE(ServesOthers());
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
