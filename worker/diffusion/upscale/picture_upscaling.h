#ifndef DARKROOM_WORKER_DIFFUSION_UPSCALE_PICTURE_UPSCALING_H_
#define DARKROOM_WORKER_DIFFUSION_UPSCALE_PICTURE_UPSCALING_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "absl/status/status.h"
#include "common/rgb_image.h"
#include "naming/upscale_plan.h"
#include "picture/tiles.h"
#include "worker/diffusion/upscale/upscaler_network.h"

namespace darkroom::diffusion {

// AUTOMATIC1111's defaults, ESRGAN_tile and ESRGAN_tile_overlap, in pixels.
inline constexpr int kUpscaleTile = 192;
inline constexpr int kUpscaleOverlap = 8;

// A picture on its way to a larger size, as naming/upscale_plan.h has it, in pieces of one tile, so
// that its owner can do something else in between, or drop it. modules/upscaler_utils.py,
// upscale_with_model, of AUTOMATIC1111; the network is shown blue first, as there.
//
// Beside the network it holds the picture of the present run and what has been made of it: never
// more than twice kMaxUpscaledPixels, and a row of tiles. Under a c10::InferenceMode of the
// caller's; torch's exceptions pass through, after which a piece may be tried again.
class PictureUpscaling {
 public:
  // INVALID_ARGUMENT where a run would make more than kMaxUpscaledPixels. `picture` is at least
  // 1 x 1, as is the size.
  static absl::StatusOr<PictureUpscaling> Plan(std::shared_ptr<const UpscalerNetwork> network,
                                               RgbImage picture, int width, int height);
  // To an aim itself.
  static absl::StatusOr<PictureUpscaling> Plan(std::shared_ptr<const UpscalerNetwork> network,
                                               RgbImage picture, const naming::UpscaleAim& aim);

  // True when the picture has its size.
  bool done() const { return done_; }
  // One tile more, or the scaling down after the last. Not when done. INTERNAL where the network
  // makes values that are not finite: the picture is not to be gone on with.
  absl::Status Advance();
  // The picture at its size, once done.
  RgbImage Take() && { return std::move(picture_); }

  // Multiply-adds of the next Advance and of all that are still to come, and how many those are.
  std::int64_t next_operations() const { return done_ ? 0 : OperationsOf(grid_); }
  std::int64_t operations_left() const;
  int pieces_left() const;

 private:
  PictureUpscaling(std::shared_ptr<const UpscalerNetwork> network, RgbImage picture, int width,
                   int height, const naming::UpscalePlan& plan);

  static absl::StatusOr<PictureUpscaling> Checked(std::shared_ptr<const UpscalerNetwork> network,
                                                  RgbImage picture, int width, int height,
                                                  const naming::UpscalePlan& plan);

  void BeginRun();
  // Down to the size, which Lanczos alone can reach now.
  void Finish();

  // Of one tile.
  std::int64_t OperationsOf(const picture::TileGrid& grid) const;
  // The grids of the runs that follow this one.
  std::vector<picture::TileGrid> GridsToCome() const;

  std::shared_ptr<const UpscalerNetwork> network_;
  RgbImage picture_;  // that the present run is given, or the result
  int width_ = 0;
  int height_ = 0;
  naming::UpscalePlan plan_;
  int runs_left_ = 0;
  picture::TileGrid grid_;
  std::optional<picture::TileCanvas> canvas_;
  int tile_ = 0;  // the next
  bool done_ = false;
};

}  // namespace darkroom::diffusion

#endif  // DARKROOM_WORKER_DIFFUSION_UPSCALE_PICTURE_UPSCALING_H_
