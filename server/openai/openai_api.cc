#include "server/openai/openai_api.h"

#include <array>
#include <cstddef>
#include <memory>
#include <string>
#include <utility>

#include "server/http/fields.h"
#include "server/openai/error_shape.h"
#include "server/openai/image_call.h"
#include "server/openai/image_request.h"

namespace darkroom::server::openai {
namespace {

constexpr std::size_t kMaxTextBytes = 256 << 10;
// Two pictures, as elsewhere, in base64.
constexpr std::size_t kMaxPictureBytes = std::size_t{22} << 20;

struct ImageRoute {
  const char* path;
  Operation operation;
  std::size_t max_body_bytes;
};
constexpr std::array<ImageRoute, 3> kImageRoutes = {{
    {"/v1/images/generations", Operation::kGeneration, kMaxTextBytes},
    {"/v1/images/edits", Operation::kEdit, kMaxPictureBytes},
    {"/v1/images/variations", Operation::kVariation, kMaxPictureBytes},
}};

void AnswerCall(Loop& loop, Services& services, const ModelAliases& aliases, Operation operation,
                const std::shared_ptr<http::Exchange>& exchange) {
  http::Fields fields;
  if (const auto failure = http::ReadFields(exchange->request(), fields)) {
    return exchange->Fail(*failure);
  }
  exchange->request().body = {};  // a picture in it is there twice until now
  const ModelCatalogue& models = *services.catalogue;
  auto request =
      ReadImageRequest(operation, std::move(fields), aliases, [&models](absl::string_view id) {
        return models.Find(id.empty() ? models.default_model() : std::string(id));
      });
  if (!request.ok()) return exchange->Fail(http::FailureOf(request.status()));
  ImageCall::Start(loop, services, exchange, *std::move(request));
}

}  // namespace

void AddOpenAiApi(http::Router& router, Loop& loop, Services& services, ModelAliases aliases) {
  const auto shared = std::make_shared<const ModelAliases>(std::move(aliases));
  for (const ImageRoute& route : kImageRoutes) {
    router.Add({"POST", route.path, http::Access::Scope(darkroom::v1::KEY_SCOPE_GENERATE),
                route.max_body_bytes,
                [&loop, &services, shared,
                 operation = route.operation](const std::shared_ptr<http::Exchange>& exchange) {
                  AnswerCall(loop, services, *shared, operation, exchange);
                }});
    router.ShapeErrors(route.path, OpenAiErrorShape);
  }
}

}  // namespace darkroom::server::openai
