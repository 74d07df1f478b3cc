#include "server/core/model_core.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/ids.h"
#include "server/admission/name_choice.h"
#include "server/core/api_error.h"
#include "server/core/resource_name.h"

namespace darkroom::server {
namespace {

constexpr int kLargestPage = 100;

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

}  // namespace

void ModelCore::ListModels(const darkroom::v1::ListModelsRequest& request,
                           Callback<darkroom::v1::ListModelsResponse> done) {
  std::vector<FieldViolation> violations;
  if (request.page_size() < 0) {
    violations.push_back(
        {"page_size", absl::StrCat("is ", request.page_size(), "; it must not be negative")});
  }
  if (!request.page_token().empty() && !IsCatalogueId(request.page_token())) {
    violations.push_back({"page_token",
                          "is not a next_page_token of this method; leave it empty "
                          "to begin with the first page"});
  }
  if (!violations.empty()) return done(InvalidRequest(violations));
  const int limit =
      request.page_size() == 0 ? kLargestPage : std::min(request.page_size(), kLargestPage);
  catalogue_.Refresh([after = request.page_token(), limit, done = std::move(done)](
                         absl::StatusOr<std::shared_ptr<const Models>> models) mutable {
    if (!models.ok()) return done(StoreError(models.status()));
    done(PageOf(**models, after, limit));
  });
}

void ModelCore::GetModel(const darkroom::v1::GetModelRequest& request,
                         Callback<darkroom::v1::Model> done) {
  absl::StatusOr<std::string> id = ParseModelName(request.name());
  if (!id.ok()) return done(id.status());
  catalogue_.Refresh([id = *std::move(id), done = std::move(done)](
                         absl::StatusOr<std::shared_ptr<const Models>> models) mutable {
    if (!models.ok()) return done(StoreError(models.status()));
    const auto found = (*models)->find(id);
    if (found != (*models)->end()) return done(found->second);
    std::vector<std::string> known;
    for (const auto& [name, model] : **models) known.push_back(name);
    done(ApiError(absl::StatusCode::kNotFound, reason::kModelNotFound,
                  absl::StrCat("the model ", DescribeUnknownName("model", id, known))));
  });
}

}  // namespace darkroom::server
