#ifndef DARKROOM_WORKER_DIFFUSION_ADAPTERS_ADAPTER_HEADER_H_
#define DARKROOM_WORKER_DIFFUSION_ADAPTERS_ADAPTER_HEADER_H_

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace darkroom::diffusion {

// What the header of an adapter file tells, without its tensors being read. Texts come from
// strangers: they are cut to kMaxHeaderText bytes, white space at their ends is gone, and they are
// valid UTF-8.
inline constexpr std::size_t kMaxHeaderText = 100;
inline constexpr std::size_t kMaxTriggerWords = 24;  // as many as AUTOMATIC1111 shows

struct AdapterHeader {
  // Of the models that it was made for, as ModelInfo::family; empty where the file does not tell,
  // or is for a family that is not supported.
  std::string family;
  std::string made_for;  // the same in words, "SDXL", "Flux"; empty where the file does not tell
  std::string title;     // for people; may be empty
  // What its trainer called it (ss_output_name), which AUTOMATIC1111 takes in prompts like the
  // file's name. May be empty.
  std::string alias;
  // What to write in a prompt to call up what was trained: the trigger phrase of the file, if it
  // has one, else the captions of its training, the most frequent first (AUTOMATIC1111's
  // extensions-builtin/Lora/ui_edit_user_metadata.py, build_tags).
  std::vector<std::string> trigger_words;
  int vectors = 0;  // of an embedding, 1 to 75: what it takes of a prompt's tokens
};

// A LoRA or the like, and a textual inversion. NOT_FOUND, PERMISSION_DENIED or INVALID_ARGUMENT
// name the file and what is wrong: no good safetensors file, or one with tensors that are no part
// of such an adapter.
absl::StatusOr<AdapterHeader> ReadLoraHeader(const std::filesystem::path& path);
absl::StatusOr<AdapterHeader> ReadEmbeddingHeader(const std::filesystem::path& path);

}  // namespace darkroom::diffusion

#endif  // DARKROOM_WORKER_DIFFUSION_ADAPTERS_ADAPTER_HEADER_H_
