#include "server/dezgo/dezgo_api.h"

#include <array>
#include <cstddef>
#include <memory>
#include <set>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "server/dezgo/picture_call.h"
#include "server/dezgo/picture_request.h"
#include "server/http/fields.h"
#include "server/http/json.h"
#include "server/rest/json_writing.h"

namespace darkroom::server::dezgo {
namespace {

using rest::JsonArray;
using rest::JsonObject;

constexpr std::size_t kMaxTextBytes = 256 << 10;
// Two pictures, as elsewhere, in base64.
constexpr std::size_t kMaxPictureBytes = std::size_t{22} << 20;
// There are clients that send one where nothing is read.
constexpr std::size_t kMaxIdleBytes = 64 << 10;

// Dezgo's routes differ in the models that they take; here each takes all of them.
struct PictureRoute {
  absl::string_view name;
  Function function;
};
constexpr std::array<PictureRoute, 7> kPictureRoutes = {{
    {"text2image", Function::kText},
    {"text2image_sdxl", Function::kText},
    {"text2image_sdxl_lightning", Function::kText},
    {"image2image", Function::kImage},
    {"inpainting", Function::kInpainting},
    {"inpainting_sdxl", Function::kInpainting},
    {"upscale", Function::kUpscale},
}};

std::string FamilyName(darkroom::v1::ModelFamily family) {
  switch (family) {
    case darkroom::v1::MODEL_FAMILY_STABLE_DIFFUSION_1:
      return "sd1";
    case darkroom::v1::MODEL_FAMILY_STABLE_DIFFUSION_2:
      return "sd2";
    default:
      return "sdxl";
  }
}

// A model that changes pictures makes none of texts alone.
std::string FunctionsOf(const darkroom::v1::Model& model) {
  std::vector<std::string> names;
  for (const PictureRoute& route : kPictureRoutes) {
    const bool needs_picture = model.task() == darkroom::v1::MODEL_TASK_INSTRUCTION;
    if (needs_picture && route.function == Function::kText) continue;
    names.push_back(http::Quoted(route.name));
  }
  return JsonArray(names);
}

std::string ModelInfo(const darkroom::v1::Model& model, const std::string& id) {
  JsonObject size;
  size.Add("width", absl::StrCat(model.default_width()))
      .Add("height", absl::StrCat(model.default_height()));
  return JsonObject()
      .AddText("id", id)
      .AddText("name", model.display_name().empty() ? id : model.display_name())
      .AddText("family", FamilyName(model.family()))
      .Add("functions", FunctionsOf(model))
      .Add("nativeResolution", size.Text())
      .Add("description", R"("")")
      .Add("triggers", "[]")
      .Add("categories", "[]")
      .Text();
}

void AnswerPicture(Loop& loop, Services& services, const ModelAliases& aliases, Function function,
                   const std::shared_ptr<http::Exchange>& exchange) {
  http::Fields fields;
  if (const auto failure = http::ReadFields(exchange->request(), fields)) {
    return exchange->Fail(*failure);
  }
  exchange->request().body = {};  // a picture in it is there twice until now
  auto parameters = ReadPictureRequest(function, std::move(fields), aliases);
  if (!parameters.ok()) return exchange->Fail(http::FailureOf(parameters.status()));
  PictureCall::Start(loop, services, exchange, *std::move(parameters));
}

}  // namespace

std::string InfoJson(const Models& models) {
  std::vector<std::string> infos;
  std::set<std::string> samplers;
  for (const auto& [id, model] : models) {
    infos.push_back(ModelInfo(model, id));
    samplers.insert(model.samplers().begin(), model.samplers().end());
  }
  std::vector<std::string> names;
  for (const std::string& sampler : samplers) names.push_back(http::Quoted(sampler));
  return JsonObject().Add("models", JsonArray(infos)).Add("samplers", JsonArray(names)).Text();
}

std::string DezgoErrorShape(const http::Failure& failure) {
  // Its fields are ours but for these.
  const std::string message = absl::StrReplaceAll(
      failure.status.message(), {{"parameters.init_image.mask.content", "mask_image"},
                                 {"parameters.init_image.content", "init_image"},
                                 {"parameters.init_image.strength", "strength"},
                                 {"parameters.guidance_scale", "guidance"},
                                 {"parameters.", ""}});
  return JsonObject()
             .AddText("message", message)
             .AddText("code", http::ReasonOf(failure.status))
             .Text() +
         "\n";
}

void AddDezgoApi(http::Router& router, Loop& loop, Services& services, ModelAliases aliases) {
  const auto shared = std::make_shared<const ModelAliases>(std::move(aliases));
  for (const PictureRoute& route : kPictureRoutes) {
    const std::string path = absl::StrCat("/", route.name);
    router.Add({"POST", path, http::Access::Scope(darkroom::v1::KEY_SCOPE_GENERATE),
                route.function == Function::kText ? kMaxTextBytes : kMaxPictureBytes,
                [&loop, &services, shared,
                 function = route.function](const std::shared_ptr<http::Exchange>& exchange) {
                  AnswerPicture(loop, services, *shared, function, exchange);
                }});
    router.ShapeErrors(path, DezgoErrorShape);
  }
  router.Add({"GET", "/info", http::Access::AnyKey(), kMaxIdleBytes,
              [&services](const std::shared_ptr<http::Exchange>& exchange) {
                exchange->Answer(http::JsonResponse(InfoJson(services.catalogue->models())));
              }});
  router.Add({"GET", "/account/tx/last", http::Access::AnyKey(), kMaxIdleBytes,
              [](const std::shared_ptr<http::Exchange>& exchange) {
                exchange->Answer(http::JsonResponse(R"({"amount":0,"balance":0})"));
              }});
  for (const char* path : {"/info", "/account/tx/last"}) router.ShapeErrors(path, DezgoErrorShape);
}

}  // namespace darkroom::server::dezgo
