#ifndef DARKROOM_WORKER_ENGINE_STEP_METER_H_
#define DARKROOM_WORKER_ENGINE_STEP_METER_H_

#include <atomic>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/mutex.h"
#include "worker/engine/cost_table.h"

namespace darkroom::worker {

// What steps and decodes of each model take here, and upscalers, which are no model's: of what the
// engine measured, moving averages, and a table by shape. And how many pictures came of it.
// Thread-safe: the engine writes, announcer and reporter read.
class StepMeter {
 public:
  // A forward took `elapsed` for `default_images` images' worth of work at the model's default size
  // with one prompt and one negative prompt: 4 for four images of that size, or for one of twice
  // its width and height, or for one of seven parts joined by AND. It was for pictures of this
  // shape, and of so many rows of the network.
  void RecordStep(absl::string_view model, const CostTable::Shape& shape, int rows,
                  double default_images, absl::Duration elapsed);
  // One picture was decoded.
  void RecordDecode(absl::string_view model, const CostTable::Shape& shape, double default_images,
                    absl::Duration elapsed);
  void RecordUpscale(std::int64_t operations, absl::Duration elapsed);

  // A picture was made.
  void RecordPicture() { ++pictures_; }

  // Since the start.
  std::int64_t pictures() const { return pictures_; }
  // For one image of default size; zero until measured.
  absl::Duration step(absl::string_view model) const;
  absl::Duration decode(absl::string_view model) const;
  // The models of which a step or a decode was measured.
  std::vector<std::string> models() const;
  // By shape; of decodes all are of one row.
  std::vector<CostTable::Cost> step_costs(absl::string_view model) const;
  std::vector<CostTable::Cost> decode_costs(absl::string_view model) const;
  // For 10^12 multiply-adds of upscalers; zero until measured.
  absl::Duration upscale() const;

 private:
  using Averages = std::map<std::string, absl::Duration>;
  using Tables = std::map<std::string, CostTable>;

  std::atomic<std::int64_t> pictures_ = 0;
  mutable Mutex mutex_;
  Averages steps_ ABSL_GUARDED_BY(mutex_);
  Averages decodes_ ABSL_GUARDED_BY(mutex_);
  Tables step_costs_ ABSL_GUARDED_BY(mutex_);
  Tables decode_costs_ ABSL_GUARDED_BY(mutex_);
  Averages upscales_ ABSL_GUARDED_BY(mutex_);  // one, of the device
};

}  // namespace darkroom::worker

#endif  // DARKROOM_WORKER_ENGINE_STEP_METER_H_
