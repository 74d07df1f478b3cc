#ifndef DARKROOM_WORKER_DIFFUSION_FAKE_BACKEND_H_
#define DARKROOM_WORKER_DIFFUSION_FAKE_BACKEND_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/mutex.h"
#include "worker/diffusion/backend.h"

namespace darkroom::diffusion {

// A small Stable Diffusion 1: 64 × 64 by default, at most 256 × 256, every sampler of the first
// release.
ModelInfo FakeModelInfo();

inline constexpr int kFakeScalePieces = 3;
inline constexpr std::int64_t kFakePieceOperations = 1'000'000'000;

struct FakeBackendOptions {
  ModelInfo info = FakeModelInfo();
  int max_rows = 16;

  // What things take: Step sleeps for time_per_forward + rows × time_per_row.
  absl::Duration time_to_start = absl::ZeroDuration();
  absl::Duration time_per_forward = absl::ZeroDuration();
  absl::Duration time_per_row = absl::ZeroDuration();
  absl::Duration time_to_decode = absl::ZeroDuration();
  absl::Duration time_to_scale = absl::ZeroDuration();
  // Empty: absl::SleepFor. Called on the backend's thread, also for a zero duration.
  std::function<void(absl::Duration)> sleep = nullptr;

  // What Start answers instead of beginning, unless OK. Null: OK.
  std::function<absl::Status()> refusal = nullptr;
  // Step and Start fail with RESOURCE_EXHAUSTED above so many rows or images.
  int memory_rows = std::numeric_limits<int>::max();
  // Rows of this seed (of the image: the request's + i), or of a prompt that contains this word,
  // fail with INTERNAL at their second step, or at the only one.
  std::optional<std::int64_t> nan_seed = std::nullopt;
  std::string nan_word = {};
};

// One row of a step as the fake has run it.
struct FakeRow {
  std::string prompt;
  std::int64_t seed = 0;  // of the image
  int step = 0;           // from 0

  friend bool operator==(const FakeRow&, const FakeRow&) = default;
};

// A backend without a model, for tests: it takes the time it is told to, fails when it is told to,
// and paints a pattern that depends on prompt, negative prompt, seeds and size alone, mixed with
// the picture to begin with. A second pass makes it larger and is not seen otherwise; where its
// upscaler is one of adapters(), that takes kFakeScalePieces pieces of kFakePieceOperations, of
// time_to_scale each; a picture that is only made larger, of which nothing is seen, takes them with
// any. Soft inpainting changes everything. One denoiser call a step, one token a byte. What Save
// returns are the images' steps, in decimal. batches() and adapters() may be called from any
// thread, everything else as in Backend.
class FakeBackend : public Backend {
 public:
  explicit FakeBackend(FakeBackendOptions options);

  const ModelInfo& info() const override { return options_.info; }
  std::string tokenizer() const override;
  void SetAdapters(AdapterFiles files) override;
  absl::StatusOr<std::unique_ptr<Generation>> Start(const ImageRequest& request) override;
  absl::StatusOr<std::string> Save(const Generation& generation, std::size_t max_bytes) override;
  absl::StatusOr<std::unique_ptr<Generation>> Continue(const ImageRequest& request,
                                                       absl::string_view saved) override;
  int max_rows(const BatchKey& key) const override;
  absl::StatusOr<std::vector<absl::Status>> Step(absl::Span<const Row> rows) override;
  absl::StatusOr<std::int64_t> Scale(Generation& generation, int image) override;
  absl::StatusOr<RgbImage> Preview(const Generation& generation, int image) override;
  absl::StatusOr<RgbImage> Decode(const Generation& generation, int image) override;

  // The rows of every step that ran, oldest first.
  std::vector<std::vector<FakeRow>> batches() const;
  // What SetAdapters was told last.
  AdapterFiles adapters() const;

 private:
  FakeBackendOptions options_;
  mutable Mutex mutex_;
  std::vector<std::vector<FakeRow>> batches_ ABSL_GUARDED_BY(mutex_);
  AdapterFiles adapters_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace darkroom::diffusion

#endif  // DARKROOM_WORKER_DIFFUSION_FAKE_BACKEND_H_
