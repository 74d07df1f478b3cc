#include "worker/diffusion/upscale/picture_upscaling.h"

#include <cstring>
#include <utility>

#include "ATen/ops/empty.h"
#include "ATen/ops/isfinite.h"
#include "absl/strings/str_cat.h"
#include "common/status_macros.h"
#include "picture/upscale.h"
#include "worker/diffusion/ops/padding_mode.h"

namespace darkroom::diffusion {
namespace {

// [1, 3, H, W] in 0 to 1, blue first.
at::Tensor ToNetwork(const RgbImage& image, at::Device device) {
  const at::Tensor bytes = at::empty({image.height, image.width, 3}, at::kByte);
  std::memcpy(bytes.mutable_data_ptr(), image.pixels.data(), image.pixels.size());
  const at::Tensor blue_first = bytes.flip(2).permute({2, 0, 1}).unsqueeze(0);
  return blue_first.to(at::kDouble).div(255).to(at::kFloat).to(device);
}

// The other way round, as NumPy rounds: halves to even.
RgbImage ToPicture(const at::Tensor& x) {
  const at::Tensor bytes = x.clamp(0, 1)
                               .mul(255)
                               .round()
                               .to(at::kByte)
                               .squeeze(0)
                               .permute({1, 2, 0})
                               .flip(2)
                               .contiguous()
                               .to(at::kCPU);
  RgbImage image{.width = static_cast<int>(bytes.size(1)),
                 .height = static_cast<int>(bytes.size(0)),
                 .pixels = std::vector<std::uint8_t>(static_cast<std::size_t>(bytes.numel()))};
  std::memcpy(image.pixels.data(), bytes.const_data_ptr(), image.pixels.size());
  return image;
}

picture::TileGrid TilesOf(std::int64_t width, std::int64_t height) {
  return picture::SplitIntoTiles(static_cast<int>(width), static_cast<int>(height), kUpscaleTile,
                                 kUpscaleOverlap);
}

}  // namespace

absl::StatusOr<PictureUpscaling> PictureUpscaling::Plan(
    std::shared_ptr<const UpscalerNetwork> network, RgbImage picture, int width, int height) {
  const naming::UpscalePlan plan =
      naming::PlanUpscale(picture.width, picture.height, width, height, network->scale());
  return Checked(std::move(network), std::move(picture), width, height, plan);
}

absl::StatusOr<PictureUpscaling> PictureUpscaling::Plan(
    std::shared_ptr<const UpscalerNetwork> network, RgbImage picture,
    const naming::UpscaleAim& aim) {
  const naming::UpscalePlan plan =
      naming::PlanUpscale(picture.width, picture.height, aim, network->scale());
  return Checked(std::move(network), std::move(picture), aim.width, aim.height, plan);
}

absl::StatusOr<PictureUpscaling> PictureUpscaling::Checked(
    std::shared_ptr<const UpscalerNetwork> network, RgbImage picture, int width, int height,
    const naming::UpscalePlan& plan) {
  if (plan.largest_width * plan.largest_height > naming::kMaxUpscaledPixels) {
    return absl::InvalidArgumentError(absl::StrCat("the upscaler makes ", plan.largest_width, " x ",
                                                   plan.largest_height, " pixels, more than ",
                                                   naming::kMaxUpscaledPixels));
  }
  return PictureUpscaling(std::move(network), std::move(picture), width, height, plan);
}

PictureUpscaling::PictureUpscaling(std::shared_ptr<const UpscalerNetwork> network, RgbImage picture,
                                   int width, int height, const naming::UpscalePlan& plan)
    : network_(std::move(network)),
      picture_(std::move(picture)),
      width_(width),
      height_(height),
      plan_(plan),
      runs_left_(plan.runs) {
  if (runs_left_ > 0) {
    BeginRun();
  } else {
    Finish();
  }
}

void PictureUpscaling::BeginRun() {
  grid_ = TilesOf(picture_.width, picture_.height);
  canvas_.emplace(grid_, picture_.width, picture_.height, kUpscaleOverlap, network_->scale());
  tile_ = 0;
}

absl::Status PictureUpscaling::Advance() {
  // Tiles are no whole pictures: their edges have nothing to do with each other.
  const PaddingModeScope padding(PaddingMode::kZeros);
  const at::Tensor made =
      network_->Forward(ToNetwork(picture::CutTile(picture_, grid_, tile_), network_->device()));
  if (!at::isfinite(made).all().item<bool>()) {
    return absl::InternalError("the upscaler makes values that are not finite");
  }
  canvas_->Add(ToPicture(made));
  ++tile_;
  if (!canvas_->complete()) return absl::OkStatus();
  picture_ = std::move(*canvas_).Take();
  canvas_.reset();
  if (--runs_left_ > 0) {
    BeginRun();
  } else {
    Finish();
  }
  return absl::OkStatus();
}

void PictureUpscaling::Finish() {
  if (plan_.aimed_width > 0) {
    picture_ =
        picture::Upscale(picture_, picture::Upscaler::kNone, plan_.aimed_width, plan_.aimed_height);
  }
  picture_ = picture::Upscale(picture_, picture::Upscaler::kNone, width_, height_);
  done_ = true;
}

std::int64_t PictureUpscaling::OperationsOf(const picture::TileGrid& grid) const {
  return std::int64_t{grid.tile_width} * grid.tile_height * network_->operations_per_pixel();
}

std::vector<picture::TileGrid> PictureUpscaling::GridsToCome() const {
  std::vector<picture::TileGrid> grids;
  std::int64_t width = picture_.width;
  std::int64_t height = picture_.height;
  for (int run = 1; run < runs_left_; ++run) {
    width *= network_->scale();
    height *= network_->scale();
    grids.push_back(TilesOf(width, height));
  }
  return grids;
}

std::int64_t PictureUpscaling::operations_left() const {
  if (done_) return 0;
  std::int64_t operations = OperationsOf(grid_) * (grid_.count() - tile_);
  for (const picture::TileGrid& grid : GridsToCome()) {
    operations += OperationsOf(grid) * grid.count();
  }
  return operations;
}

int PictureUpscaling::pieces_left() const {
  if (done_) return 0;
  int pieces = grid_.count() - tile_;
  for (const picture::TileGrid& grid : GridsToCome()) pieces += grid.count();
  return pieces;
}

}  // namespace darkroom::diffusion
