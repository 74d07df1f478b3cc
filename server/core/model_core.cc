#include "server/core/model_core.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "common/ids.h"
#include "naming/hires_pass.h"
#include "server/admission/name_choice.h"
#include "server/core/api_error.h"
#include "server/core/resource_name.h"

namespace darkroom::server {
namespace {

constexpr int kLargestPage = 100;
constexpr int kLargestAdapterPage = 500;

// The page token is the id of the last model of the page before.
darkroom::v1::ListModelsResponse PageOf(const Models& models, const std::string& after, int limit) {
  darkroom::v1::ListModelsResponse response;
  auto next = after.empty() ? models.begin() : models.upper_bound(after);
  for (; next != models.end() && response.models_size() < limit; ++next) {
    *response.add_models() = next->second;
  }
  if (next != models.end()) response.set_next_page_token(std::prev(next)->first);
  return response;
}

std::vector<FieldViolation> CheckPageSize(int size) {
  if (size >= 0) return {};
  return {{"page_size", absl::StrCat("is ", size, "; it must not be negative")}};
}

FieldViolation BadPageToken() {
  return {"page_token",
          "is not a next_page_token of this method; leave it empty to begin with the first page"};
}

int Limit(int asked, int most) { return asked == 0 ? most : std::min(asked, most); }

// Where a page of adapters ended: pages stay right when files come and go between them.
using AdapterPlace = std::pair<int, std::string>;  // kind, name

AdapterPlace PlaceOf(const darkroom::v1::Adapter& adapter) {
  return {adapter.kind(), adapter.name()};
}

// "1:name"; the empty token is the place before all.
std::optional<AdapterPlace> ParseAdapterPlace(absl::string_view token) {
  if (token.empty()) return AdapterPlace();
  const std::pair<absl::string_view, absl::string_view> parts =
      absl::StrSplit(token, absl::MaxSplits(':', 1));
  AdapterPlace place;
  if (!absl::SimpleAtoi(parts.first, &place.first) || parts.second.empty()) return std::nullopt;
  place.second = std::string(parts.second);
  return place;
}

darkroom::v1::ListAdaptersResponse PageOf(const AdapterIndex& index,
                                          darkroom::v1::ModelFamily family,
                                          const AdapterPlace& after, int limit) {
  darkroom::v1::ListAdaptersResponse response;
  for (const auto kind : {darkroom::v1::ADAPTER_KIND_LORA, darkroom::v1::ADAPTER_KIND_EMBEDDING}) {
    for (const AdapterIndex::Listed* listed : index.AllOf(kind, family)) {
      if (PlaceOf(listed->adapter()) <= after) continue;
      if (response.adapters_size() == limit) {
        const auto [last, name] = PlaceOf(*response.adapters().rbegin());
        response.set_next_page_token(absl::StrCat(last, ":", name));
        return response;
      }
      *response.add_adapters() = listed->adapter();
    }
  }
  return response;
}

darkroom::v1::ListUpscalersResponse UpscalersOf(const AdapterIndex& index) {
  darkroom::v1::ListUpscalersResponse response;
  for (const naming::UpscalerName& known : naming::Upscalers()) {
    darkroom::v1::Upscaler& upscaler = *response.add_upscalers();
    upscaler.set_kind(known.latent ? darkroom::v1::UPSCALER_KIND_LATENT
                                   : darkroom::v1::UPSCALER_KIND_RESAMPLER);
    upscaler.set_name(std::string(known.name));
  }
  for (const auto& listed : index.upscalers()) *response.add_upscalers() = listed.upscaler();
  return response;
}

// The id of the model that `parent` names, empty for none; nothing where it is no name of one.
std::optional<std::string> ModelOfParent(absl::string_view parent) {
  const bool good =
      parent.empty() || (absl::ConsumePrefix(&parent, "models/") && IsCatalogueId(parent));
  return good ? std::optional(std::string(parent)) : std::nullopt;
}

FieldViolation BadParent() {
  return {"parent", "is not the name of a model; expected models/ and its id"};
}

// The model of this id, the default one for none; otherwise NOT_FOUND with the known ones.
void Find(const std::shared_ptr<ModelCatalogue>& catalogue, std::string id,
          Callback<darkroom::v1::Model> done) {
  catalogue->Refresh([catalogue, id = std::move(id), done = std::move(done)](
                         absl::StatusOr<std::shared_ptr<const Models>> models) mutable {
    if (!models.ok()) return done(StoreError(models.status()));
    if (id.empty()) id = catalogue->default_model();
    const auto found = (*models)->find(id);
    if (found != (*models)->end()) return done(found->second);
    std::vector<std::string> known;
    for (const auto& [name, model] : **models) known.push_back(name);
    done(ApiError(absl::StatusCode::kNotFound, reason::kModelNotFound,
                  absl::StrCat("the model ", DescribeUnknownName("model", id, known))));
  });
}

}  // namespace

void ModelCore::ListModels(const darkroom::v1::ListModelsRequest& request,
                           Callback<darkroom::v1::ListModelsResponse> done) {
  std::vector<FieldViolation> violations = CheckPageSize(request.page_size());
  if (!request.page_token().empty() && !IsCatalogueId(request.page_token())) {
    violations.push_back(BadPageToken());
  }
  if (!violations.empty()) return done(InvalidRequest(violations));
  catalogue_->Refresh(
      [after = request.page_token(), limit = Limit(request.page_size(), kLargestPage),
       done = std::move(done)](absl::StatusOr<std::shared_ptr<const Models>> models) mutable {
        if (!models.ok()) return done(StoreError(models.status()));
        done(PageOf(**models, after, limit));
      });
}

void ModelCore::GetModel(const darkroom::v1::GetModelRequest& request,
                         Callback<darkroom::v1::Model> done) {
  absl::StatusOr<std::string> id = ParseModelName(request.name());
  if (!id.ok()) return done(id.status());
  Find(catalogue_, *std::move(id), std::move(done));
}

void ModelCore::ListAdapters(const darkroom::v1::ListAdaptersRequest& request,
                             Callback<darkroom::v1::ListAdaptersResponse> done) {
  const std::optional<std::string> id = ModelOfParent(request.parent());
  std::vector<FieldViolation> violations = CheckPageSize(request.page_size());
  if (!id.has_value()) violations.push_back(BadParent());
  const std::optional<AdapterPlace> after = ParseAdapterPlace(request.page_token());
  if (!after.has_value()) violations.push_back(BadPageToken());
  if (!violations.empty()) return done(InvalidRequest(violations));
  const int limit = Limit(request.page_size(), kLargestAdapterPage);
  Find(catalogue_, *id,
       [cache = adapters_, after = *after, limit,
        done = std::move(done)](absl::StatusOr<darkroom::v1::Model> model) mutable {
         if (!model.ok()) return done(model.status());
         GetAdapters(*cache, *model,
                     [family = model->family(), after, limit, done = std::move(done)](
                         absl::StatusOr<AdapterCache::Pointer> adapters) mutable {
                       if (!adapters.ok()) return done(adapters.status());
                       done(PageOf(**adapters, family, after, limit));
                     });
       });
}

void ModelCore::ListUpscalers(const darkroom::v1::ListUpscalersRequest& request,
                              Callback<darkroom::v1::ListUpscalersResponse> done) {
  const std::optional<std::string> id = ModelOfParent(request.parent());
  if (!id.has_value()) return done(InvalidRequest({BadParent()}));
  Find(catalogue_, *id,
       [cache = adapters_,
        done = std::move(done)](absl::StatusOr<darkroom::v1::Model> model) mutable {
         if (!model.ok()) return done(model.status());
         GetAdapters(
             *cache, *model,
             [done = std::move(done)](absl::StatusOr<AdapterCache::Pointer> adapters) mutable {
               if (!adapters.ok()) return done(adapters.status());
               done(UpscalersOf(**adapters));
             });
       });
}

}  // namespace darkroom::server
