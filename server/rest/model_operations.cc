#include <utility>

#include "darkroom/v1/model_service.pb.h"
#include "server/rest/model_listing.h"
#include "server/rest/rest_api.h"

namespace darkroom::server::rest {
namespace {

namespace v1 = darkroom::v1;

Operation Listing(std::string pattern, std::string id, std::string summary) {
  Operation operation;
  operation.method = "GET";
  operation.pattern = std::move(pattern);
  operation.id = std::move(id);
  operation.summary = std::move(summary);
  operation.access = http::Access::AnyKey();
  return operation;
}

Operation Of(std::string resource_field, Operation operation) {
  operation.resource_field = std::move(resource_field);
  return operation;
}

Operation With(std::string more_members, Operation operation) {
  operation.more_members = std::move(more_members);
  return operation;
}

// What OpenAI's clients ask for, too.
void AddModels(ApiBuilder& api, ModelCore& core) {
  api.Unary<v1::ListModelsRequest, v1::ListModelsResponse>(
      With(kModelListMembers, Listing("/v1/models", "ListModels", "Lists the models, by name")),
      [&core](const Call<v1::ListModelsRequest>& call, Callback<v1::ListModelsResponse> done) {
        core.ListModels(call.request, std::move(done));
      },
      ModelListJson);
  api.Unary<v1::GetModelRequest, v1::Model>(
      With(kModelMembers, Of("name", Listing("/v1/models/{model}", "GetModel", "Returns a model"))),
      [&core](const Call<v1::GetModelRequest>& call, Callback<v1::Model> done) {
        core.GetModel(call.request, std::move(done));
      },
      ModelJson);
}

}  // namespace

void AddModelOperations(ApiBuilder& api, Services& services) {
  ModelCore& core = services.models;
  AddModels(api, core);
  api.Method(Of("parent", Listing("/v1/models/{model}/adapters", "ListAdapters",
                                  "Lists the LoRAs and embeddings that prompts of a model may "
                                  "call")),
             core, &ModelCore::ListAdapters);
  api.Method(Listing("/v1/adapters", "ListAdaptersOfDefaultModel",
                     "Lists those of the model of requests that name none"),
             core, &ModelCore::ListAdapters);
  api.Method(Of("parent", Listing("/v1/models/{model}/upscalers", "ListUpscalers",
                                  "Lists what a hires fix may scale pictures of a model with")),
             core, &ModelCore::ListUpscalers);
  api.Method(Listing("/v1/upscalers", "ListUpscalersOfDefaultModel",
                     "Lists those of the model of requests that name none"),
             core, &ModelCore::ListUpscalers);
}

}  // namespace darkroom::server::rest
