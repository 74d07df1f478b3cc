#ifndef DARKROOM_WORKER_DIFFUSION_UPSCALER_FILES_H_
#define DARKROOM_WORKER_DIFFUSION_UPSCALER_FILES_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "worker/diffusion/file_cache.h"
#include "worker/diffusion/upscale/upscaler_network.h"

namespace darkroom::diffusion {

// The network of a request's upscaler. INVALID_ARGUMENT, with the field that names it, where no
// file has the name or the file cannot be used.
absl::StatusOr<std::shared_ptr<const UpscalerNetwork>> FindNetwork(
    FileCache<UpscalerNetwork>& files, absl::string_view field, const std::string& name);

}  // namespace darkroom::diffusion

#endif  // DARKROOM_WORKER_DIFFUSION_UPSCALER_FILES_H_
