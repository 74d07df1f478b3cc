#include "worker/diffusion/upscale/upscaler_network.h"

#include <utility>
#include <variant>

#include "absl/strings/str_cat.h"
#include "common/status_macros.h"
#include "worker/diffusion/upscale/compact_net.h"
#include "worker/diffusion/upscale/rrdb_net.h"
#include "worker/diffusion/upscale/upscaler_layout.h"
#include "worker/diffusion/weights/file_weights.h"

namespace darkroom::diffusion {
namespace {

template <typename Network>
absl::StatusOr<std::unique_ptr<UpscalerNetwork>> Boxed(absl::StatusOr<Network> network) {
  DARKROOM_RETURN_IF_ERROR(network.status());
  return std::make_unique<Network>(*std::move(network));
}

absl::StatusOr<std::unique_ptr<UpscalerNetwork>> LoadNetwork(const UpscalerLayout& layout,
                                                             const WeightScope& weights,
                                                             at::Device device) {
  if (const auto* rrdb = std::get_if<RrdbLayout>(&layout.network)) {
    return Boxed(RrdbNet::Load(*rrdb, weights, device));
  }
  return Boxed(CompactNet::Load(std::get<CompactLayout>(layout.network), weights, device));
}

}  // namespace

absl::StatusOr<std::unique_ptr<const UpscalerNetwork>> UpscalerNetwork::Load(
    const std::filesystem::path& path, at::Device device) {
  DARKROOM_ASSIGN_OR_RETURN(SafetensorsFile file, SafetensorsFile::Open(path));
  const absl::StatusOr<UpscalerLayout> layout = FindUpscalerLayout(file.tensors());
  if (!layout.ok()) {
    return absl::Status(layout.status().code(),
                        absl::StrCat(path.string(), ": ", layout.status().message()));
  }
  std::int64_t elements = 0;
  for (const auto& [name, view] : file.tensors()) {
    std::int64_t count = 1;
    for (const std::int64_t size : view.shape) count *= size;
    elements += count;
  }
  FileWeights weights(std::move(file), at::TensorOptions().device(device).dtype(at::kFloat));
  DARKROOM_ASSIGN_OR_RETURN(std::unique_ptr<UpscalerNetwork> network,
                            LoadNetwork(*layout, WeightScope(&weights), device));
  DARKROOM_RETURN_IF_ERROR(weights.CheckAllTaken({}));
  network->scale_ = layout->scale;
  network->bytes_ = elements * static_cast<std::int64_t>(sizeof(float));
  network->operations_per_pixel_ = layout->operations_per_pixel;
  return network;
}

}  // namespace darkroom::diffusion
