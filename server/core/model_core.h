#ifndef DARKROOM_SERVER_CORE_MODEL_CORE_H_
#define DARKROOM_SERVER_CORE_MODEL_CORE_H_

#include "common/await.h"
#include "darkroom/v1/model_service.pb.h"
#include "server/admission/model_catalogue.h"

namespace darkroom::server {

// The model service without its transport. Every error is an ApiError. Loop thread only; callbacks
// run there, once.
class ModelCore {
 public:
  // The catalogue outlives the core.
  explicit ModelCore(ModelCatalogue& catalogue) : catalogue_(catalogue) {}

  void ListModels(const darkroom::v1::ListModelsRequest& request,
                  Callback<darkroom::v1::ListModelsResponse> done);
  void GetModel(const darkroom::v1::GetModelRequest& request, Callback<darkroom::v1::Model> done);

 private:
  ModelCatalogue& catalogue_;
};

}  // namespace darkroom::server

#endif  // DARKROOM_SERVER_CORE_MODEL_CORE_H_
