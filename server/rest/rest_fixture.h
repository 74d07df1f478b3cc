#ifndef DARKROOM_SERVER_REST_REST_FIXTURE_H_
#define DARKROOM_SERVER_REST_REST_FIXTURE_H_

#include <google/protobuf/util/json_util.h>

#include <memory>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/grpc/gateway_fixture.h"
#include "server/http/health_routes.h"
#include "server/http/listener.h"
#include "server/rest/rest_api.h"
#include "server/testing/http_client.h"

namespace darkroom::server::rest {

// A request for a job that is good.
inline constexpr char kAppleJson[] = R"({"parameters":{"prompt":"a red apple"}})";

// The gateway of GatewayTest with its HTTP interface on a port of this machine.
class RestTest : public GatewayTest {
 protected:
  void SetUp() override {
    GatewayTest::SetUp();
    StartHttp();
  }
  void TearDown() override { http_ = nullptr; }

  void StartHttp() {
    http::Router router;
    AddRoutes(router);
    http::Listener::Options options;
    options.listen = "127.0.0.1:0";
    options.metrics = &metrics_;
    options.limits = limits_;
    http_ = *http::Listener::Start(loop_, std::move(router), *authenticator_, std::move(options));
  }

  virtual void AddRoutes(http::Router& router) {
    http::AddHealthRoutes(router, [this] { return gateway_->health(); });
    AddRestApi(router, loop_, gateway_->services());
  }

  // The head of a request by this key, "" for none, without the empty line.
  static std::string Head(absl::string_view method, absl::string_view target,
                          absl::string_view key = "") {
    std::string head = absl::StrCat(method, " ", target, " HTTP/1.1\r\nHost: gateway\r\n");
    if (!key.empty()) absl::StrAppend(&head, "Authorization: Bearer ", key, "\r\n");
    return head;
  }
  static std::string WithJson(absl::string_view head, absl::string_view json) {
    return absl::StrCat(head, "Content-Type: application/json\r\nContent-Length: ", json.size(),
                        "\r\n\r\n", json);
  }
  HttpAnswer Ask(const std::string& request) {
    HttpClient client(http_->port());
    client.Send(request);
    return client.Read();
  }
  HttpAnswer Get(absl::string_view target, absl::string_view key = "") {
    return Ask(absl::StrCat(Head("GET", target, key), "\r\n"));
  }
  HttpAnswer Post(absl::string_view target, absl::string_view json, absl::string_view key = "") {
    return Ask(WithJson(Head("POST", target, key), json));
  }

  // The message in an answer that has to be good.
  template <typename Message>
  static Message Read(const HttpAnswer& answer) {
    EXPECT_EQ(answer.status, 200) << answer.body;
    EXPECT_EQ(answer.Header("content-type"), "application/json");
    Message message;
    EXPECT_TRUE(google::protobuf::util::JsonStringToMessage(answer.body, &message).ok())
        << answer.body;
    return message;
  }
  static std::string Path(absl::string_view name) { return absl::StrCat("/v1/", name); }

  http::Limits limits_;
  std::unique_ptr<http::Listener> http_;
};

}  // namespace darkroom::server::rest

#endif  // DARKROOM_SERVER_REST_REST_FIXTURE_H_
