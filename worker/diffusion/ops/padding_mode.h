#ifndef DARKROOM_WORKER_DIFFUSION_OPS_PADDING_MODE_H_
#define DARKROOM_WORKER_DIFFUSION_OPS_PADDING_MODE_H_

namespace darkroom::diffusion {

// What convolutions see beyond the edges of a picture where they pad it (torch.nn.Conv2d's
// padding_mode): zeros, or the opposite edge, which makes pictures that can be laid side by side
// without a seam.
enum class PaddingMode { kZeros, kCircular };

// While it lives, every convolution of its thread pads so, whichever network it is of: what models
// compute and what adapters add to it. AUTOMATIC1111 does the same by switching each Conv2d of a
// model (modules/sd_hijack.py, apply_circular). What a convolution is not told to pad stays as it
// is. Scopes nest; outside of all, the mode is kZeros.
class PaddingModeScope {
 public:
  explicit PaddingModeScope(PaddingMode mode);
  ~PaddingModeScope();
  PaddingModeScope(const PaddingModeScope&) = delete;
  PaddingModeScope& operator=(const PaddingModeScope&) = delete;

  // The calling thread's.
  static PaddingMode current();

 private:
  const PaddingMode outer_;
};

}  // namespace darkroom::diffusion

#endif  // DARKROOM_WORKER_DIFFUSION_OPS_PADDING_MODE_H_
