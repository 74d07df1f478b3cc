#ifndef DARKROOM_SERVER_ADMISSION_REQUEST_CHECK_H_
#define DARKROOM_SERVER_ADMISSION_REQUEST_CHECK_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "common/await.h"
#include "prompt/styles.h"
#include "server/admission/adapter_index.h"
#include "server/admission/model_catalogue.h"
#include "server/admission/request_validator.h"

namespace darkroom::server {

// Checks requests against what can be generated now. Every error is an ApiError. Loop thread only;
// callbacks run there, once.
class RequestCheck : public std::enable_shared_from_this<RequestCheck> {
 public:
  struct Options {
    std::function<std::uint32_t()> draw_seed;  // 32 random bits
    std::vector<prompt::Style> styles;         // that requests may name
  };

  RequestCheck(std::shared_ptr<ModelCatalogue> catalogue, std::shared_ptr<AdapterCache> adapters,
               Options options);

  // The verdict on a request, with its violations. `inputs` as for ValidateParameters.
  // UNAVAILABLE while there is no model at all or, where the model is not known yet or its adapters
  // are not that a prompt may call, the store cannot be asked for them.
  void Check(darkroom::v1::ImageParameters parameters, Inputs inputs, Callback<Verdict> done);

  const ModelCatalogue& catalogue() const { return *catalogue_; }
  const std::shared_ptr<AdapterCache>& adapters() const { return adapters_; }
  const std::vector<prompt::Style>& styles() const { return options_.styles; }

 private:
  // `model` is the one that is asked for; null: there is none.
  void CheckWith(const darkroom::v1::Model* model, darkroom::v1::ImageParameters parameters,
                 Inputs inputs, Callback<Verdict> done);
  absl::StatusOr<Verdict> CheckNow(const darkroom::v1::ImageParameters& parameters,
                                   const Inputs& inputs, const AdapterIndex* adapters) const;

  const std::shared_ptr<ModelCatalogue> catalogue_;
  const std::shared_ptr<AdapterCache> adapters_;
  const Options options_;
};

}  // namespace darkroom::server

#endif  // DARKROOM_SERVER_ADMISSION_REQUEST_CHECK_H_
