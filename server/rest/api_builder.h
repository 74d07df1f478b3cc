#ifndef DARKROOM_SERVER_REST_API_BUILDER_H_
#define DARKROOM_SERVER_REST_API_BUILDER_H_

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "common/await.h"
#include "server/core/caller.h"
#include "server/http/exchange.h"
#include "server/http/json.h"
#include "server/http/router.h"
#include "server/rest/message_reading.h"
#include "server/rest/operation.h"

namespace darkroom::server::rest {

// A request that has been read.
template <typename Request>
struct Call {
  Caller caller;
  Request request;
  std::string traceparent = {};  // the header; empty without one
};

// Adds operations to a router, and remembers them for the document.
class ApiBuilder {
 public:
  // The router outlives it.
  explicit ApiBuilder(http::Router& router) : router_(router) {}

  // One that a method of the core answers, which outlives the server of the routes: a line each.
  template <typename Core, typename Request, typename Response>
  void Method(Operation operation, Core& core,
              void (Core::*method)(const Request&, Callback<Response>)) {
    Unary<Request, Response>(std::move(operation),
                             [&core, method](const Call<Request>& call, Callback<Response> done) {
                               (core.*method)(call.request, std::move(done));
                             });
  }
  // One that has to know the tenant...
  template <typename Core, typename Request, typename Response>
  void Method(Operation operation, Core& core,
              void (Core::*method)(const std::string&, const Request&, Callback<Response>)) {
    Unary<Request, Response>(std::move(operation),
                             [&core, method](const Call<Request>& call, Callback<Response> done) {
                               (core.*method)(call.caller.tenant, call.request, std::move(done));
                             });
  }
  // ... or the key.
  template <typename Core, typename Request, typename Response>
  void Method(Operation operation, Core& core,
              void (Core::*method)(const Caller&, const Request&, Callback<Response>)) {
    Unary<Request, Response>(std::move(operation),
                             [&core, method](const Call<Request>& call, Callback<Response> done) {
                               (core.*method)(call.caller, call.request, std::move(done));
                             });
  }
  // One that is answered with a message otherwise, which `write` makes JSON of.
  template <typename Request, typename Response>
  void Unary(
      Operation operation, std::function<void(Call<Request>, Callback<Response>)> handler,
      std::function<std::string(const Response&)> write = [](const Response& message) {
        return http::ToJson(message);
      }) {
    operation.response = Response::descriptor();
    Read<Request>(std::move(operation),
                  [handler = std::move(handler), write = std::move(write)](
                      const std::shared_ptr<http::Exchange>& exchange, Call<Request> call) {
                    handler(std::move(call), [exchange, write](absl::StatusOr<Response> outcome) {
                      if (!outcome.ok()) return exchange->Fail(http::FailureOf(outcome.status()));
                      exchange->Answer(http::JsonResponse(write(*outcome)));
                    });
                  });
  }

  // One that is answered with something else.
  template <typename Request>
  void Read(Operation operation,
            std::function<void(const std::shared_ptr<http::Exchange>&, Call<Request>)> handler) {
    operation.request = Request::descriptor();
    Plain(operation, [operation, handler = std::move(handler)](
                         const std::shared_ptr<http::Exchange>& exchange) {
      Call<Request> call;
      const auto failure = ReadMessage(operation, exchange->request(), call.request);
      if (failure.has_value()) return exchange->Fail(*failure);
      call.caller = exchange->request().caller;
      call.traceparent = exchange->request().Header("traceparent");
      // A picture in it is there twice until now.
      exchange->request().body = {};
      handler(exchange, std::move(call));
    });
  }

  // One without a message.
  void Plain(const Operation& operation, http::Handler handler) {
    router_.Add({operation.method, operation.pattern, operation.access, operation.max_body_bytes,
                 std::move(handler), operation.answer == AnswerKind::kEvents});
    operations_.push_back(operation);
  }

  const std::vector<Operation>& operations() const { return operations_; }

 private:
  http::Router& router_;
  std::vector<Operation> operations_;
};

}  // namespace darkroom::server::rest

#endif  // DARKROOM_SERVER_REST_API_BUILDER_H_
