// darkroom-bench: times the parts of the diffusion pipeline and whole pictures on one device.

#include <sys/resource.h>

#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/flags/flag.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_format.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "common/flags.h"
#include "common/status_macros.h"
#include "worker/diffusion/bench/load_rate.h"
#include "worker/diffusion/bench/measurements.h"
#include "worker/diffusion/bench/memory.h"
#include "worker/diffusion/bench/report.h"
#include "worker/diffusion/bench/unet_flops.h"
#include "worker/diffusion/model/load_model.h"
#include "worker/diffusion/torch_backend.h"
#include "worker/diffusion/weights/published_configs.h"

ABSL_FLAG(std::string, model, "",
          "model folder in the diffusers layout, or a .safetensors checkpoint");
ABSL_FLAG(std::string, tokenizer, "", "vocabulary of a checkpoint, as darkroom-worker takes it");
ABSL_FLAG(std::string, random, "",
          "instead of a folder, random weights: sd15, sd21, sdxl or sdxl-refiner");
ABSL_FLAG(std::string, device, "cpu", "cpu, cuda or cuda:N");
ABSL_FLAG(std::string, dtype, "auto", "auto, float32, float16 or bfloat16");
ABSL_FLAG(int, threads, 0, "threads on the CPU; 0: libtorch's choice");
ABSL_FLAG(std::int64_t, vae_whole_pixels, 0, "as darkroom-worker takes it");
ABSL_FLAG(std::string, memory, "",
          "instead of everything else, what one call of this part of --random takes on the CPU "
          "beside its weights: unet (--max_rows rows), decode or encode");
ABSL_FLAG(
    bool, load, false,
    "instead of everything else, how fast --model is loaded, beside how fast its files are read "
    "from the disk");
ABSL_FLAG(int, width, 0, "of --memory, in pixels; 0: --size");
ABSL_FLAG(int, size, 0, "side of the pictures in pixels; 0: the model's default");
ABSL_FLAG(int, steps, 20, "sampling steps of a whole picture");
ABSL_FLAG(int, jobs, 16, "different jobs in the comparison of whole pictures; 0: leave it out");
ABSL_FLAG(std::vector<std::string>, loras, {},
          "LoRA files, by commas: the jobs, and the rows of a step, take turns with them");
ABSL_FLAG(int, max_rows, 32, "largest batch of the denoiser step");
ABSL_FLAG(int, repeats, 5, "runs of everything, of which the median is reported");
ABSL_FLAG(double, peak_tflops, 0, "the device's peak, to report the share that is reached");

namespace darkroom::diffusion {
namespace {

struct Subject {
  std::string name;
  UNetConfig unet;
  std::unique_ptr<Backend> backend;
};

absl::StatusOr<ModelConfig> PublishedConfig(const std::string& name) {
  if (name == "sd15") return Sd15Config();
  if (name == "sd21") return Sd21Config();
  if (name == "sdxl") return SdxlConfig();
  if (name == "sdxl-refiner") return SdxlRefinerConfig();
  return absl::InvalidArgumentError("--random knows sd15, sd21, sdxl and sdxl-refiner");
}

TorchBackendOptions Options() {
  return {.device = absl::GetFlag(FLAGS_device),
          .dtype = absl::GetFlag(FLAGS_dtype),
          .threads = absl::GetFlag(FLAGS_threads),
          .max_rows = absl::GetFlag(FLAGS_max_rows),
          .vae_whole_pixels = absl::GetFlag(FLAGS_vae_whole_pixels),
          .tokenizer = absl::GetFlag(FLAGS_tokenizer)};
}

absl::StatusOr<Subject> LoadSubject() {
  const TorchBackendOptions options = Options();
  const std::string folder = absl::GetFlag(FLAGS_model);
  const std::string random = absl::GetFlag(FLAGS_random);
  if (folder.empty() == random.empty()) {
    return absl::InvalidArgumentError("give either --model or --random");
  }
  if (!folder.empty()) {
    DARKROOM_ASSIGN_OR_RETURN(
        OpenedModel model, OpenModel({.model = folder, .vae = {}, .tokenizer = options.tokenizer}));
    DARKROOM_ASSIGN_OR_RETURN(auto backend, LoadTorchBackend(folder, options));
    return Subject{.name = folder, .unet = model.config.unet, .backend = std::move(backend)};
  }
  DARKROOM_ASSIGN_OR_RETURN(const ModelConfig config, PublishedConfig(random));
  DARKROOM_ASSIGN_OR_RETURN(auto backend, RandomTorchBackend(config, options));
  return Subject{.name = "random " + random, .unet = config.unet, .backend = std::move(backend)};
}

// Has the backend know --loras; returns their names.
std::vector<std::string> OfferLoras(Backend& backend) {
  AdapterFiles files;
  std::vector<std::string> names;
  for (const std::filesystem::path path : absl::GetFlag(FLAGS_loras)) {
    names.push_back(path.stem());
    files.loras.push_back({.name = path.stem(), .path = path});
  }
  backend.SetAdapters(std::move(files));
  return names;
}

// Bytes of the host's memory that this process has had at most.
std::int64_t PeakResident() {
  struct rusage usage {};
  getrusage(RUSAGE_SELF, &usage);
  return std::int64_t{usage.ru_maxrss} * 1024;
}

absl::Status RunMemory() {
  DARKROOM_ASSIGN_OR_RETURN(const ModelConfig config, PublishedConfig(absl::GetFlag(FLAGS_random)));
  const int size = absl::GetFlag(FLAGS_size);
  const int height = size > 0 ? size : config.unet.sample_size * config.vae.scale();
  const int width = absl::GetFlag(FLAGS_width);
  const PartCall call{.part = absl::GetFlag(FLAGS_memory),
                      .width = width > 0 ? width : height,
                      .height = height,
                      .rows = absl::GetFlag(FLAGS_max_rows),
                      .bfloat16 = absl::GetFlag(FLAGS_dtype) == "bfloat16",
                      .vae_whole_pixels = absl::GetFlag(FLAGS_vae_whole_pixels)};
  DARKROOM_ASSIGN_OR_RETURN(const PartUse use, MeasurePart(config, call));
  absl::PrintF(
      "{\"part\": \"%s\", \"width\": %d, \"height\": %d, \"rows\": %d, \"s\": %.2f, "
      "\"tensor_mib\": %d, \"peak_resident_mib\": %d}\n",
      call.part, call.width, call.height, call.rows, absl::ToDoubleSeconds(use.time),
      use.bytes >> 20, PeakResident() >> 20);
  return absl::OkStatus();
}

absl::Status Run() {
  if (!absl::GetFlag(FLAGS_memory).empty()) return RunMemory();
  const int max_rows = absl::GetFlag(FLAGS_max_rows);
  const int repeats = absl::GetFlag(FLAGS_repeats);
  if (max_rows < 1 || repeats < 1) {
    return absl::InvalidArgumentError("--max_rows and --repeats are at least 1");
  }
  if (absl::GetFlag(FLAGS_load)) {
    DARKROOM_ASSIGN_OR_RETURN(const LoadRate rate,
                              MeasureLoadRate(absl::GetFlag(FLAGS_model), Options(), repeats));
    std::fputs(FormatLoadRate(rate, PeakResident()).c_str(), stdout);
    return absl::OkStatus();
  }
  const absl::Time start = absl::Now();
  DARKROOM_ASSIGN_OR_RETURN(const Subject subject, LoadSubject());
  const absl::Duration load = absl::Now() - start;
  const int size = absl::GetFlag(FLAGS_size);
  Workload workload{.side = size > 0 ? size : subject.backend->info().default_width,
                    .steps = absl::GetFlag(FLAGS_steps),
                    .jobs = absl::GetFlag(FLAGS_jobs),
                    .repeats = repeats,
                    .rows = {},
                    .loras = OfferLoras(*subject.backend)};
  for (int rows = 1; rows <= max_rows; rows *= 2) workload.rows.push_back(rows);
  DARKROOM_ASSIGN_OR_RETURN(const Measurements measured, Measure(*subject.backend, workload));
  const ReportHeader header{.model = subject.name,
                            .device = absl::GetFlag(FLAGS_device),
                            .dtype = absl::GetFlag(FLAGS_dtype),
                            .threads = absl::GetFlag(FLAGS_threads),
                            .load = load,
                            .peak_resident = PeakResident(),
                            .unet_flops = UNetFlops(subject.unet, measured.key),
                            .peak_tflops = absl::GetFlag(FLAGS_peak_tflops)};
  std::fputs(FormatReport(header, workload, measured).c_str(), stdout);
  return absl::OkStatus();
}

}  // namespace
}  // namespace darkroom::diffusion

int main(int argc, char** argv) {
  darkroom::ParseFlags(
      "Times the diffusion pipeline and prints JSON.\n"
      "  darkroom-bench --model=models/demo --threads=2\n"
      "  darkroom-bench --random=sd15 --device=cuda --jobs=4\n"
      "  darkroom-bench --model=FOLDER --load --threads=2\n"
      "  darkroom-bench --random=sd15 --memory=decode --size=2048",
      argc, argv);
  const absl::Status status = darkroom::diffusion::Run();
  if (status.ok()) return 0;
  std::fprintf(stderr, "darkroom-bench: %s\n", std::string(status.message()).c_str());
  return 1;
}
