#include <memory>
#include <string>
#include <utility>

#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "server/a1111/a1111_api.h"
#include "server/a1111/errors.h"
#include "server/a1111/fields.h"
#include "server/a1111/image_request.h"
#include "server/a1111/settings.h"
#include "server/a1111/values.h"
#include "server/a1111/waiting_client.h"
#include "server/core/api_error.h"
#include "server/http/json.h"
#include "server/http/target.h"

namespace darkroom::server::a1111 {
namespace {

constexpr std::size_t kMaxSettingsBytes = 256 << 10;  // Open WebUI sends all that it was sent
constexpr char kCheckpoint[] = "sd_model_checkpoint";

std::string DefaultTitle(const Services& services) {
  const std::string id = services.catalogue->default_model();
  const darkroom::v1::Model* const model = services.catalogue->Find(id);
  return model == nullptr ? "" : TitleOf(id, *model);
}

void GetOptions(const ContextPointer& context, const ExchangePointer& exchange) {
  WithSettings(context, exchange, [context, exchange](const Settings& settings) {
    Settings all = WithDefaults(settings, DefaultTitle(context->services));
    const Models& models = context->services.catalogue->models();
    Value& checkpoint = (*all.mutable_fields())[kCheckpoint];
    const auto model = models.find(MeantModel(checkpoint.string_value(), models));
    if (model != models.end()) checkpoint = Text(TitleOf(model->first, model->second));
    (*all.mutable_fields())["sd_checkpoint_hash"] =
        Text(model == models.end() ? "" : model->second.hash());
    AnswerJson(*exchange, all);
  });
}

// What a request with these settings would be refused for, and a model that there is not.
std::vector<FieldViolation> CheckSettings(const Settings& settings, const Models& models) {
  std::vector<FieldViolation> violations;
  std::vector<std::string> ignored;
  darkroom::v1::ImageParameters parameters;
  ApplySettings(settings, models, violations, ignored, parameters);
  if (parameters.model().empty() || models.count(parameters.model()) > 0) return violations;
  const std::string known = absl::StrJoin(
      models, ", ", [](std::string* out, const auto& model) { absl::StrAppend(out, model.first); });
  violations.push_back({kCheckpoint, absl::StrCat("is no model of this server; it has ", known)});
  return violations;
}

void StoreSettings(const ContextPointer& context, const ExchangePointer& exchange,
                   const Settings& settings) {
  Loop& loop = context->loop;
  context->settings.WriteSettings(OwnerOf(exchange->request().caller), settings.SerializeAsString(),
                                  [&loop, exchange](const absl::Status& status) {
                                    loop.Post([exchange, status] {
                                      if (!status.ok())
                                        return exchange->Fail(FailureOf(StoreError(status)));
                                      exchange->Answer(http::JsonResponse("null"));
                                    });
                                  });
}

void SetOptions(const ContextPointer& context, const ExchangePointer& exchange) {
  const auto body = ReadBody(*exchange);
  if (!body.has_value()) return;
  WithSettings(context, exchange, [context, exchange, body = *body](const Settings& settings) {
    const Settings merged = MergedSettings(settings, body);
    const Settings changes = MergedSettings({}, body);
    const auto violations = CheckSettings(changes, context->services.catalogue->models());
    if (!violations.empty()) return exchange->Fail(FailureOf(InvalidRequest(violations)));
    StoreSettings(context, exchange, merged);
  });
}

// The value of a query's field; empty without one.
std::string QueryValue(const http::Request& request, absl::string_view name) {
  const auto query = http::ParseQuery(request.query);
  if (!query.has_value()) return "";
  for (const http::Field& field : *query) {
    if (field.name == name) return field.value;
  }
  return "";
}

void GetProgress(const ContextPointer& context, const ExchangePointer& exchange) {
  const http::Request& request = exchange->request();
  const auto job =
      context->running.Find(OwnerOf(request.caller), QueryValue(request, "force_task_id"));
  const std::string skip = QueryValue(request, "skip_current_image");
  const bool with_image = skip != "true" && skip != "True" && skip != "1";
  exchange->Answer(http::JsonResponse(ProgressJson(job.get(), with_image)));
}

// Its client is answered when the job has ended.
void Interrupt(const ContextPointer& context, const ExchangePointer& exchange) {
  const std::string tenant = exchange->request().caller.tenant;
  const auto body = ReadBody(*exchange);
  if (!body.has_value()) return;
  std::vector<FieldViolation> violations;
  const std::string task = Fields(*body, violations).Text("force_task_id");
  const auto job = context->running.Find(OwnerOf(exchange->request().caller), task);
  if (job != nullptr) job->interrupted = true;
  if (job == nullptr || job->name.empty()) return exchange->Answer(http::JsonResponse("{}"));
  context->services.core->CancelJob(tenant, CancellationOf(*job),
                                    [exchange](absl::StatusOr<darkroom::v1::Job> cancelled) {
                                      if (!cancelled.ok())
                                        return exchange->Fail(FailureOf(cancelled.status()));
                                      exchange->Answer(http::JsonResponse("{}"));
                                    });
}

}  // namespace

void AddStateRoutes(http::Router& router, const ContextPointer& context) {
  using Work = void (*)(const ContextPointer&, const ExchangePointer&);
  const auto add = [&](const char* method, const char* pattern, std::size_t bytes, Work work) {
    router.Add({method, pattern, http::Access::Scope(darkroom::v1::KEY_SCOPE_GENERATE), bytes,
                [context, work](const ExchangePointer& exchange) { work(context, exchange); }});
  };
  add("GET", "/sdapi/v1/options", 0, &GetOptions);
  add("POST", "/sdapi/v1/options", kMaxSettingsBytes, &SetOptions);
  add("GET", "/sdapi/v1/progress", 0, &GetProgress);
  add("POST", "/sdapi/v1/interrupt", kMaxEmptyBytes, &Interrupt);
  add("POST", "/sdapi/v1/skip", kMaxEmptyBytes, &Interrupt);
}

}  // namespace darkroom::server::a1111
