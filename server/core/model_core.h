#ifndef DARKROOM_SERVER_CORE_MODEL_CORE_H_
#define DARKROOM_SERVER_CORE_MODEL_CORE_H_

#include <memory>
#include <utility>

#include "common/await.h"
#include "darkroom/v1/model_service.pb.h"
#include "server/admission/adapter_index.h"
#include "server/admission/model_catalogue.h"

namespace darkroom::server {

// The model service without its transport. Every error is an ApiError. Loop thread only; callbacks
// run there, once.
class ModelCore {
 public:
  ModelCore(std::shared_ptr<ModelCatalogue> catalogue, std::shared_ptr<AdapterCache> adapters)
      : catalogue_(std::move(catalogue)), adapters_(std::move(adapters)) {}

  void ListModels(const darkroom::v1::ListModelsRequest& request,
                  Callback<darkroom::v1::ListModelsResponse> done);
  void GetModel(const darkroom::v1::GetModelRequest& request, Callback<darkroom::v1::Model> done);
  void ListAdapters(const darkroom::v1::ListAdaptersRequest& request,
                    Callback<darkroom::v1::ListAdaptersResponse> done);
  void ListUpscalers(const darkroom::v1::ListUpscalersRequest& request,
                     Callback<darkroom::v1::ListUpscalersResponse> done);

 private:
  const std::shared_ptr<ModelCatalogue> catalogue_;
  const std::shared_ptr<AdapterCache> adapters_;
};

}  // namespace darkroom::server

#endif  // DARKROOM_SERVER_CORE_MODEL_CORE_H_
