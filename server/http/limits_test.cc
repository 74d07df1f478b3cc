// What one client cannot take from the others, however it sends.

#include <gtest/gtest.h>

#include <atomic>
#include <string>
#include <thread>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "server/http/listener_fixture.h"

namespace darkroom::server::http {
namespace {

using LimitsTest = ListenerFixture;

TEST_F(LimitsTest, AClientThatSendsFarAheadIsNotReadForEver) {
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

TEST_F(LimitsTest, BadRequestsAreRefusedAndTheirConnectionsEnd) {
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

TEST_F(LimitsTest, ABodyIsCalledForWhenItWouldBeTaken) {
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

TEST_F(LimitsTest, BodiesTogetherHaveABound) {
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
TEST_F(LimitsTest, SlowRequestsAreCut) {
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

TEST_F(LimitsTest, BytesThatTrickleDoNotProlongTheHead) {
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

TEST_F(LimitsTest, ReadersThatTakeNothingAreCut) {
  options_.limits.write = absl::Milliseconds(200);
  Serve();
  HttpClient client(listener_->port(), 4096);
  client.Send(Get("/endless"));
  EXPECT_EQ(client.ReadHead().status, 200);
  EXPECT_TRUE(Eventually([this] { return gone_ == 1; }));
  EXPECT_TRUE(ServesOthers());
}

}  // namespace
}  // namespace darkroom::server::http
