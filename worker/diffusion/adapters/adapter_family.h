#ifndef DARKROOM_WORKER_DIFFUSION_ADAPTERS_ADAPTER_FAMILY_H_
#define DARKROOM_WORKER_DIFFUSION_ADAPTERS_ADAPTER_FAMILY_H_

#include <cstdint>
#include <string>

#include "worker/diffusion/weights/safetensors.h"

namespace darkroom::diffusion {

// Which family of models an adapter file was made for, by the names and shapes of its tensors, for
// error messages: "Stable Diffusion 1.x", "SDXL", "Flux", ... Empty where they do not tell.
std::string FamilyOfAdapterFile(const SafetensorsFile::Tensors& tensors);

// The family whose UNet attends to text of so many channels; empty for an unknown width.
std::string FamilyOfContextWidth(std::int64_t width);

}  // namespace darkroom::diffusion

#endif  // DARKROOM_WORKER_DIFFUSION_ADAPTERS_ADAPTER_FAMILY_H_
