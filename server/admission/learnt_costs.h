#ifndef DARKROOM_SERVER_ADMISSION_LEARNT_COSTS_H_
#define DARKROOM_SERVER_ADMISSION_LEARNT_COSTS_H_

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "absl/time/time.h"
#include "darkroom/internal/v1/worker_record.pb.h"
#include "darkroom/v1/model.pb.h"

namespace darkroom::server {

// What workers have measured of a model by shape and rows (Model.step_costs, Model.decode_costs),
// read for shapes and rows that they may not have met. Between two that were measured a time is on
// the line between them; beyond the last, and before the first, it is in proportion: by rows in one
// shape, and where the shape was not met, by pixels among the others. Pure.

// Device time of one denoiser call of so many rows, above 0, for pictures of this size. None when
// no call of the model was measured often enough.
std::optional<absl::Duration> CostOfStep(const darkroom::v1::Model& model, int width, int height,
                                         int rows);
// The same of decoding one picture.
std::optional<absl::Duration> CostOfDecode(const darkroom::v1::Model& model, int width, int height);

// What the workers of a pool have measured, as far as it is remembered: of one that ends, what it
// alone has measured stays, and of several that measured the same the mean counts.
// Thread-compatible.
class LearntCosts {
 public:
  static constexpr std::size_t kMostModels = 100;
  static constexpr std::size_t kMostCosts = 256;  // of a model and a kind

  // `measured`: of the workers that are there now, each model of each worker.
  void Learn(const std::vector<darkroom::internal::v1::ModelCosts>& measured);

  // Gives the model the costs that are known of its id, and where it has no step_milliseconds, what
  // they say about that.
  void Fill(const std::string& id, darkroom::v1::Model& model) const;

 private:
  using Key = std::tuple<int, int, int>;  // width, height, rows
  using Costs = std::map<Key, double>;    // milliseconds
  struct Known {
    Costs steps;
    Costs decodes;
  };

  static void Remember(const Costs& newest, Costs& known);

  std::map<std::string, Known> known_;
};

}  // namespace darkroom::server

#endif  // DARKROOM_SERVER_ADMISSION_LEARNT_COSTS_H_
