#include "server/admission/request_check.h"

#include <string>
#include <utility>

#include "absl/strings/strip.h"
#include "server/core/api_error.h"

namespace darkroom::server {
namespace {

constexpr absl::Duration kNoModelsRetry = absl::Seconds(5);

}  // namespace

RequestCheck::RequestCheck(std::shared_ptr<ModelCatalogue> catalogue, Options options)
    : catalogue_(std::move(catalogue)), options_(std::move(options)) {}

void RequestCheck::Check(darkroom::v1::ImageParameters parameters,
                         std::optional<picture::Header> init_image, Callback<Verdict> done) {
  absl::string_view model = parameters.model();
  absl::ConsumePrefix(&model, "models/");
  const std::string id = model.empty() ? catalogue_->default_model() : std::string(model);
  if (catalogue_->Find(id) != nullptr) return done(CheckNow(parameters, init_image));
  // A worker may have brought the model a moment ago.
  catalogue_->Refresh(
      [self = shared_from_this(), parameters = std::move(parameters), init_image,
       done = std::move(done)](absl::StatusOr<std::shared_ptr<const Models>> models) mutable {
        if (!models.ok()) return done(StoreError(models.status()));
        done(self->CheckNow(parameters, init_image));
      });
}

absl::StatusOr<Verdict> RequestCheck::CheckNow(const darkroom::v1::ImageParameters& parameters,
                                               std::optional<picture::Header> init_image) const {
  if (catalogue_->models().empty()) {
    return WithRetry(ApiError(absl::StatusCode::kUnavailable, reason::kNoModels,
                              "no worker has announced a model yet; try again"),
                     kNoModelsRetry);
  }
  const Catalogue catalogue = {catalogue_->models(), catalogue_->default_model(), options_.styles};
  return ValidateParameters(parameters, catalogue, options_.draw_seed, init_image);
}

}  // namespace darkroom::server
