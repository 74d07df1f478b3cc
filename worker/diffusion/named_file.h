#ifndef DARKROOM_WORKER_DIFFUSION_NAMED_FILE_H_
#define DARKROOM_WORKER_DIFFUSION_NAMED_FILE_H_

#include <filesystem>
#include <string>
#include <vector>

namespace darkroom::diffusion {

// A file that requests call by a name: a LoRA in <lora:name:1>, an embedding by its bare name, an
// upscaler in the hires fix.
struct NamedFile {
  std::string name;
  std::filesystem::path path;

  friend bool operator==(const NamedFile&, const NamedFile&) = default;
};

// All that requests may call.
struct AdapterFiles {
  std::vector<NamedFile> loras = {};
  std::vector<NamedFile> embeddings = {};
  std::vector<NamedFile> upscalers = {};

  friend bool operator==(const AdapterFiles&, const AdapterFiles&) = default;
};

}  // namespace darkroom::diffusion

#endif  // DARKROOM_WORKER_DIFFUSION_NAMED_FILE_H_
