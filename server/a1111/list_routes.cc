#include <functional>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/a1111/a1111_api.h"
#include "server/a1111/errors.h"
#include "server/a1111/fields.h"
#include "server/a1111/image_request.h"
#include "server/a1111/lists.h"
#include "server/a1111/values.h"
#include "server/http/json.h"

namespace darkroom::server::a1111 {
namespace {

namespace v1 = darkroom::v1;

constexpr int kMaxListed = 500;

void Get(http::Router& router, const char* pattern,
         std::function<void(const ExchangePointer&)> handle) {
  router.Add({"GET", pattern, http::Access::AnyKey(), 0, std::move(handle)});
}

void GetValue(http::Router& router, const char* pattern, const Value& value) {
  Get(router, pattern, [json = http::ToJson(value)](const ExchangePointer& exchange) {
    exchange->Answer(http::JsonResponse(json));
  });
}

// The model of the caller's settings; empty: the default.
std::string ParentOf(const Settings& settings, const Models& models) {
  std::vector<FieldViolation> violations;
  const std::string id =
      MeantModel(Fields(settings, violations).Text("sd_model_checkpoint"), models);
  return models.count(id) > 0 ? absl::StrCat("models/", id) : "";
}

template <typename Response>
Callback<Response> Answering(const ExchangePointer& exchange, Value (*view)(const Response&)) {
  return [exchange, view](absl::StatusOr<Response> found) {
    if (!found.ok()) return exchange->Fail(FailureOf(found.status()));
    AnswerJson(*exchange, view(*found));
  };
}

void AddUpscalers(http::Router& router, const ContextPointer& context, const char* pattern,
                  Value (*view)(const v1::ListUpscalersResponse&)) {
  Get(router, pattern, [context, view](const ExchangePointer& exchange) {
    WithSettings(context, exchange, [context, exchange, view](const Settings& settings) {
      v1::ListUpscalersRequest request;
      request.set_parent(ParentOf(settings, context->services.catalogue->models()));
      context->services.models.ListUpscalers(request, Answering(exchange, view));
    });
  });
}

void AddAdapters(http::Router& router, const ContextPointer& context, const char* pattern,
                 Value (*view)(const v1::ListAdaptersResponse&)) {
  Get(router, pattern, [context, view](const ExchangePointer& exchange) {
    WithSettings(context, exchange, [context, exchange, view](const Settings& settings) {
      v1::ListAdaptersRequest request;
      request.set_parent(ParentOf(settings, context->services.catalogue->models()));
      request.set_page_size(kMaxListed);
      context->services.models.ListAdapters(request, Answering(exchange, view));
    });
  });
}

void AddCatalogue(http::Router& router, const ContextPointer& context, const char* pattern,
                  Value (*view)(const Models&)) {
  Get(router, pattern, [context, view](const ExchangePointer& exchange) {
    AnswerJson(*exchange, view(context->services.catalogue->models()));
  });
}

void AddWhatThereIs(http::Router& router, const ContextPointer& context) {
  AddCatalogue(router, context, "/sdapi/v1/samplers", &SamplersValue);
  AddCatalogue(router, context, "/sdapi/v1/schedulers", &SchedulersValue);
  AddCatalogue(router, context, "/sdapi/v1/sd-models", &CheckpointsValue);
  AddUpscalers(router, context, "/sdapi/v1/upscalers", &UpscalersValue);
  AddUpscalers(router, context, "/sdapi/v1/latent-upscale-modes", &LatentModesValue);
  AddAdapters(router, context, "/sdapi/v1/loras", &LorasValue);
  AddAdapters(router, context, "/sdapi/v1/embeddings", &EmbeddingsValue);
  Get(router, "/sdapi/v1/prompt-styles", [context](const ExchangePointer& exchange) {
    context->services.prompts->ListStyles(Answering(exchange, &StylesValue));
  });
}

// Clients ask for these when they start, and go on without them.
void AddWhatThereIsNot(http::Router& router) {
  for (const char* pattern :
       {"/sdapi/v1/sd-vae", "/sdapi/v1/hypernetworks", "/sdapi/v1/face-restorers",
        "/sdapi/v1/realesrgan-models", "/sdapi/v1/script-info", "/sdapi/v1/extensions"}) {
    GetValue(router, pattern, List());
  }
  const Value untold = Object({{"error", Text("workers' memory is told by GET /v1/fleet")}});
  GetValue(router, "/sdapi/v1/memory", Object({{"ram", untold}, {"cuda", untold}}));
  GetValue(router, "/sdapi/v1/scripts", Object({{"txt2img", List()}, {"img2img", List()}}));
  GetValue(router, "/sdapi/v1/cmd-flags", Object({{"api", Flag(true)}}));
  GetValue(router, "/config", Object({{"components", List()}}));
  GetValue(router, "/internal/ping", Object({}));
  GetValue(router, "/controlnet/version", Object({{"version", Number(0)}}));
  GetValue(router, "/controlnet/model_list", Object({{"model_list", List()}}));
  GetValue(router, "/controlnet/module_list",
           Object({{"module_list", List()}, {"module_detail", Object({})}}));
}

// The gateway looks by itself.
void AddRefreshes(http::Router& router) {
  for (const char* what : {"checkpoints", "vae", "loras", "embeddings"}) {
    router.Add(
        {"POST", absl::StrCat("/sdapi/v1/refresh-", what), http::Access::AnyKey(), kMaxEmptyBytes,
         [](const ExchangePointer& exchange) { exchange->Answer(http::JsonResponse("null")); }});
  }
}

}  // namespace

void AddListRoutes(http::Router& router, const ContextPointer& context) {
  AddWhatThereIs(router, context);
  AddWhatThereIsNot(router);
  AddRefreshes(router);
}

}  // namespace darkroom::server::a1111
