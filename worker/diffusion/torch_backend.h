#ifndef DARKROOM_WORKER_DIFFUSION_TORCH_BACKEND_H_
#define DARKROOM_WORKER_DIFFUSION_TORCH_BACKEND_H_

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "worker/diffusion/backend.h"
#include "worker/diffusion/weights/model_config.h"

namespace darkroom::diffusion {

struct TorchBackendOptions {
  std::string device = "cpu";  // "cpu", "cuda" or "cuda:N"
  // "float32", "float16", "bfloat16", or "auto": float32 on a CPU, float16 elsewhere.
  std::string dtype = "auto";
  int threads = 0;              // of this process on the CPU; 0 leaves libtorch's choice
  int max_rows = 0;             // of every batch key; 0: what memory and usefulness allow
  std::string model_hash = {};  // goes into ModelInfo
  // Pictures of more pixels go through the VAE in bands (Vae); 0: of more than kVaeWholePixels.
  std::int64_t vae_whole_pixels = 0;
  // Of the device's memory that forwards and decodes may take beside the weights, as
  // memory_estimate.h has it: what would take more is not among the sizes and the rows of a step
  // that the model accepts. 0: no bound.
  std::int64_t job_bytes = 0;
  // Instead of the model's own VAE: a .safetensors file, or a folder that diffusers wrote.
  std::filesystem::path vae = {};
  // Vocabulary of a single-file model: a file of merges, or a folder with vocab.json and
  // merges.txt.
  std::filesystem::path tokenizer = {};
  // Of LoRAs that are kept ready for prompts to come. Those of running requests may be more.
  std::int64_t lora_bytes = std::int64_t{2} << 30;
  // Of upscalers that are kept ready, likewise.
  std::int64_t upscaler_bytes = std::int64_t{256} << 20;
};

// INVALID_ARGUMENT for a device or a dtype that there is not, or a device that does not compute in
// it. Whether this machine has the device shows when a model is loaded.
absl::Status CheckDevice(const TorchBackendOptions& options);

// The diffusion pipeline on libtorch. `path` is a model folder in the diffusers layout or a
// single-file checkpoint; the optional darkroom.json in the folder, or NAME.darkroom.json beside
// NAME.safetensors, may set default_sampler, default_schedule, default_steps and
// default_guidance_scale. INVALID_ARGUMENT or NOT_FOUND name the file that is at fault,
// RESOURCE_EXHAUSTED: the model does not fit the device.
absl::StatusOr<std::unique_ptr<Backend>> LoadTorchBackend(const std::filesystem::path& path,
                                                          const TorchBackendOptions& options);

// What is known of a model before its weights are in memory.
struct ModelDescription {
  ModelInfo info;
  std::string tokenizer;   // as Backend::tokenizer
  std::int64_t bytes = 0;  // that its weights take of the device's memory
};

// Reads configs and headers alone. Errors as above; a tensor that is missing or of another shape
// may only show when the model is loaded.
absl::StatusOr<ModelDescription> DescribeModel(const std::filesystem::path& path,
                                               const TorchBackendOptions& options);

// A model of this config with random weights and a tokenizer of bytes: for measurements.
absl::StatusOr<std::unique_ptr<Backend>> RandomTorchBackend(const ModelConfig& config,
                                                            const TorchBackendOptions& options);

}  // namespace darkroom::diffusion

#endif  // DARKROOM_WORKER_DIFFUSION_TORCH_BACKEND_H_
