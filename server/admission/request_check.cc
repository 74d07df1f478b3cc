#include "server/admission/request_check.h"

#include <string>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/strip.h"
#include "naming/hires_pass.h"
#include "server/core/api_error.h"

namespace darkroom::server {
namespace {

constexpr absl::Duration kNoModelsRetry = absl::Seconds(5);

// Whether an upscaler is none of those that need no file.
bool MayNameAnUpscalerFile(const darkroom::v1::ImageParameters& parameters) {
  const auto is_file = [](const std::string& name) {
    return naming::FindUpscaler(name) == nullptr;
  };
  return is_file(parameters.hires_fix().upscaler()) || is_file(parameters.upscale().upscaler()) ||
         is_file(parameters.upscale().second_upscaler());
}

}  // namespace

RequestCheck::RequestCheck(std::shared_ptr<ModelCatalogue> catalogue,
                           std::shared_ptr<AdapterCache> adapters, Options options)
    : catalogue_(std::move(catalogue)),
      adapters_(std::move(adapters)),
      options_(std::move(options)) {}

void RequestCheck::Check(darkroom::v1::ImageParameters parameters, Inputs inputs,
                         Callback<Verdict> done) {
  absl::string_view model = parameters.model();
  absl::ConsumePrefix(&model, "models/");
  const std::string id = model.empty() ? catalogue_->default_model() : std::string(model);
  if (const darkroom::v1::Model* known = catalogue_->Find(id); known != nullptr) {
    return CheckWith(known, std::move(parameters), inputs, std::move(done));
  }
  // A worker may have brought the model a moment ago.
  catalogue_->Refresh(
      [self = shared_from_this(), id, parameters = std::move(parameters), inputs,
       done = std::move(done)](absl::StatusOr<std::shared_ptr<const Models>> models) mutable {
        if (!models.ok()) return done(StoreError(models.status()));
        self->CheckWith(self->catalogue_->Find(id), std::move(parameters), inputs, std::move(done));
      });
}

void RequestCheck::CheckWith(const darkroom::v1::Model* model,
                             darkroom::v1::ImageParameters parameters, Inputs inputs,
                             Callback<Verdict> done) {
  // A request that calls no file, which most are, waits for nothing.
  const bool may_call_files =
      MayNameAnUpscalerFile(parameters) || absl::StrContains(parameters.prompt(), '<') ||
      absl::StrContains(parameters.hires_fix().prompt(), '<') || !parameters.styles().empty();
  if (model == nullptr || !may_call_files) return done(CheckNow(parameters, inputs, nullptr));
  GetAdapters(*adapters_, *model,
              [self = shared_from_this(), parameters = std::move(parameters), inputs,
               done = std::move(done)](absl::StatusOr<AdapterCache::Pointer> adapters) mutable {
                if (!adapters.ok()) return done(adapters.status());
                done(self->CheckNow(parameters, inputs, adapters->get()));
              });
}

absl::StatusOr<Verdict> RequestCheck::CheckNow(const darkroom::v1::ImageParameters& parameters,
                                               const Inputs& inputs,
                                               const AdapterIndex* adapters) const {
  if (catalogue_->models().empty()) {
    return WithRetry(ApiError(absl::StatusCode::kUnavailable, reason::kNoModels,
                              "no worker has announced a model yet; try again"),
                     kNoModelsRetry);
  }
  const Catalogue catalogue = {catalogue_->models(), catalogue_->default_model(), options_.styles,
                               adapters};
  return ValidateParameters(parameters, catalogue, options_.draw_seed, inputs);
}

}  // namespace darkroom::server
