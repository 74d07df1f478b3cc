#ifndef DARKROOM_CLI_DOCTOR_MODEL_CHECKS_H_
#define DARKROOM_CLI_DOCTOR_MODEL_CHECKS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "cli/doctor/finding.h"

namespace darkroom::cli {

// What lies where a worker looks for models.
struct ModelFacts {
  struct File {
    std::string path;
    absl::Status whole;  // CheckSafetensors, or why it could not be read
  };
  std::string root;
  absl::Status readable = {};             // of the root itself
  int models = 0;                         // folders of diffusers, and single files
  std::vector<File> damaged = {};         // of their files
  std::vector<std::string> pickles = {};  // PyTorch's files, which no worker loads
};

// Pure.
Findings CheckModels(const ModelFacts& facts);

// Whether a file of `size` bytes that begins with `header`, its first bytes up to the first tensor
// or fewer, is a safetensors file that is all there: its header says where the last tensor ends.
// INVALID_ARGUMENT says what is wrong. Pure.
absl::Status CheckSafetensors(absl::string_view header, std::uint64_t size);

// How long the header of a file with these first 8 bytes is, themselves included; 0 when that is
// no header that a worker takes. Pure.
std::uint64_t HeaderBytes(absl::string_view beginning);

}  // namespace darkroom::cli

#endif  // DARKROOM_CLI_DOCTOR_MODEL_CHECKS_H_
