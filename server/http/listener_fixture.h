#ifndef DARKROOM_SERVER_HTTP_LISTENER_FIXTURE_H_
#define DARKROOM_SERVER_HTTP_LISTENER_FIXTURE_H_

#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "common/metrics/registry.h"
#include "server/auth/bearer_authenticator.h"
#include "server/core/asio_loop.h"
#include "server/core/run_on.h"
#include "server/http/health_routes.h"
#include "server/http/listener.h"
#include "server/testing/eventually.h"
#include "server/testing/http_client.h"

namespace darkroom::server::http {

// A server of a few routes that need no gateway.
class ListenerFixture : public ::testing::Test {
 protected:
  using ExchangePointer = std::shared_ptr<Exchange>;

  ListenerFixture() {
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
  ~ListenerFixture() override {
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

}  // namespace darkroom::server::http

#endif  // DARKROOM_SERVER_HTTP_LISTENER_FIXTURE_H_
