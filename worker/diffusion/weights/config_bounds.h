#ifndef DARKROOM_WORKER_DIFFUSION_WEIGHTS_CONFIG_BOUNDS_H_
#define DARKROOM_WORKER_DIFFUSION_WEIGHTS_CONFIG_BOUNDS_H_

namespace darkroom::diffusion {

// Far above any model of the families: they keep products of sizes small, not models out.
inline constexpr int kMaxLayers = 64;
inline constexpr int kMaxLevels = 8;

}  // namespace darkroom::diffusion

#endif  // DARKROOM_WORKER_DIFFUSION_WEIGHTS_CONFIG_BOUNDS_H_
