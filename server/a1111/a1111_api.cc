#include "server/a1111/a1111_api.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "server/a1111/errors.h"
#include "server/core/api_error.h"
#include "server/http/json.h"

namespace darkroom::server::a1111 {

std::string OwnerOf(const Caller& caller) { return absl::StrCat(caller.tenant, "\n", caller.key); }

std::optional<google::protobuf::Struct> ReadBody(http::Exchange& exchange) {
  google::protobuf::Struct body;
  const std::string text = std::exchange(exchange.request().body, {});
  if (text.empty()) return body;
  const absl::Status status = http::FromJson(text, body);
  if (status.ok()) return body;
  exchange.Fail(FailureOf(status));
  return std::nullopt;
}

void WithSettings(const ContextPointer& context, const ExchangePointer& exchange,
                  std::function<void(Settings)> then) {
  Loop& loop = context->loop;
  context->settings.ReadSettings(
      OwnerOf(exchange->request().caller),
      [&loop, exchange, then = std::move(then)](absl::StatusOr<std::string> stored) mutable {
        loop.Post([exchange, then = std::move(then), stored = std::move(stored)] {
          if (!stored.ok()) return exchange->Fail(FailureOf(StoreError(stored.status())));
          Settings settings;
          // Of a newer version they may be something else.
          if (!settings.ParseFromString(*stored)) settings.Clear();
          then(std::move(settings));
        });
      });
}

void AnswerJson(http::Exchange& exchange, const google::protobuf::Message& value) {
  exchange.Answer(http::JsonResponse(http::ToJson(value)));
}

void AddA1111Api(http::Router& router, Loop& loop, Services& services,
                 scheduler::SettingStore& settings) {
  for (const char* prefix : {"/sdapi/", "/controlnet/"}) router.ShapeErrors(prefix, &ErrorJson);
  const auto context = std::make_shared<Context>(Context{loop, services, settings});
  AddGenerateRoutes(router, context);
  AddExtrasRoutes(router, context);
  AddStateRoutes(router, context);
  AddListRoutes(router, context);
}

}  // namespace darkroom::server::a1111
