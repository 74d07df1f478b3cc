#ifndef DARKROOM_WORKER_DIFFUSION_MODEL_BANDED_PICTURE_H_
#define DARKROOM_WORKER_DIFFUSION_MODEL_BANDED_PICTURE_H_

#include <cstdint>
#include <vector>

#include "ATen/core/Tensor.h"
#include "absl/functional/function_ref.h"
#include "worker/diffusion/model/resnet_block.h"
#include "worker/diffusion/ops/ops.h"

namespace darkroom::diffusion {

// Rows of the latent that a band of a VAE has where the latent is so wide: bands of about 2^17
// pixels of the picture, whose sides are `scale` times the latent's. More rows of neighbours would
// be computed with smaller ones, more memory be taken by larger ones.
std::int64_t LatentRowsOfBand(std::int64_t latent_width, std::int64_t scale);

// A picture [N, C, H, W] held in bands of rows, through which convolutional networks run band by
// band: of all that they make in between, only a band's share is in memory at a time.
//
// The result is that of the whole picture, up to rounding, so there are no seams. Two things see
// to that. Each band is computed with its neighbours' nearest rows, as many as convolutions look
// at, and what those become is cut off. And a group norm, whose mean and variance are the whole
// picture's, first has them summed up over all bands; what lies between two norms is therefore
// computed once for the sums and again for the result.
//
// That is the lockstep of norms of the "Tiled VAE" extension (pkuliyi2015/
// multidiffusion-upscaler-for-automatic1111, scripts/tilevae.py), which keeps every tile's state
// where this computes it again. diffusers' AutoencoderKL.tiled_decode normalises each tile by
// itself instead: tiles of different colours, blended.
class BandedPicture {
 public:
  // Rows beyond its own, of its input, that an operation may look at.
  static constexpr std::int64_t kReach = 2;

  // From some rows of a picture to as many, twice or half as many rows of another. Pads at the ends
  // as it does for a whole picture; half of them are made of an even number. Where convolutions are
  // circular (PaddingModeScope), the first band and the last are neighbours too.
  using Operation = absl::FunctionRef<at::Tensor(const at::Tensor& rows)>;

  // Bands of `rows` rows, at least kReach, of which the last has what is left over too.
  BandedPicture(const at::Tensor& whole, std::int64_t rows);

  // The sums of all that `operation` makes of the picture.
  GroupSums Sum(const Ops& ops, int groups, Operation operation) const;

  // Puts what `operation` makes of the picture in its place.
  void Apply(Operation operation);

  // Puts `resnet` of what `before` makes of the picture in its place. Together they look at kReach
  // rows.
  void Apply(const ResnetBlock& resnet, const Ops& ops, Operation before);

  // All bands together.
  at::Tensor Whole() const;

 private:
  std::vector<at::Tensor> bands_;
};

}  // namespace darkroom::diffusion

#endif  // DARKROOM_WORKER_DIFFUSION_MODEL_BANDED_PICTURE_H_
