#ifndef DARKROOM_SERVER_ADMISSION_MODEL_CATALOGUE_H_
#define DARKROOM_SERVER_ADMISSION_MODEL_CATALOGUE_H_

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/await.h"
#include "darkroom/v1/model.pb.h"
#include "scheduler/core/model_registry.h"
#include "server/admission/learnt_costs.h"
#include "server/core/loop.h"

namespace darkroom::server {

// Models by catalogue id.
using Models = std::map<std::string, darkroom::v1::Model>;

// What can be generated now: a copy of the model registry, read again every kRefresh. Requests are
// checked against the copy without waiting; how long ago the last reading succeeded tells whether
// the store can be reached at all. Loop thread only.
class ModelCatalogue : public std::enable_shared_from_this<ModelCatalogue> {
 public:
  static constexpr absl::Duration kRefresh = absl::Seconds(2);

  // Both outlive the catalogue. An empty `default_model` stands for the only model, if there is
  // just one.
  ModelCatalogue(Loop& loop, scheduler::ModelRegistry& registry, std::string default_model);

  // Begins to read. Call once.
  void Start();

  // What the workers that are there have measured; models have it from the next reading on.
  void Learn(const std::vector<darkroom::internal::v1::ModelCosts>& measured) {
    costs_.Learn(measured);
  }

  const Models& models() const { return *models_; }
  // Null when there is no such model.
  const darkroom::v1::Model* Find(absl::string_view id) const;
  // The model of a request that names none; empty when that cannot be said.
  std::string default_model() const;
  // InfinitePast before the first reading.
  absl::Time last_success() const { return last_success_; }

  // Reads the registry now; UNAVAILABLE when the store is. Calls that meet share one reading.
  void Refresh(Callback<std::shared_ptr<const Models>> done);

 private:
  void RefreshRepeatedly();
  void OnListed(absl::StatusOr<std::vector<scheduler::ModelEntry>> entries);

  Loop& loop_;
  scheduler::ModelRegistry& registry_;
  const std::string default_model_;
  std::shared_ptr<const Models> models_ = std::make_shared<const Models>();
  LearntCosts costs_;
  absl::Time last_success_ = absl::InfinitePast();
  std::vector<Callback<std::shared_ptr<const Models>>> waiting_;
};

}  // namespace darkroom::server

#endif  // DARKROOM_SERVER_ADMISSION_MODEL_CATALOGUE_H_
