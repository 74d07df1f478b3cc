#ifndef DARKROOM_CONVERT_CONVERT_CHECKPOINT_H_
#define DARKROOM_CONVERT_CONVERT_CHECKPOINT_H_

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "convert/state_dict.h"

namespace darkroom::convert {

// From a PyTorch checkpoint to safetensors, without executing anything of it.
//
// Memory: the pickle and what it describes (pickle_interpreter.h), pieces of 1 MiB, and one tensor
// at a time where its elements lie apart (tensor_bytes.h). Disk: the tensors may take
// kMaxExpansion times the checkpoint's bytes, and kExpansionSlack; honest ones take about as much
// as the checkpoint, while views and packed storages could make anything of a few bytes.

inline constexpr std::uint64_t kMaxExpansion = 8;
inline constexpr std::uint64_t kExpansionSlack = std::uint64_t{1} << 20;

// Bytes of tensors written, of how many. False ends the conversion with CANCELLED.
using ConvertProgress = absl::FunctionRef<bool(std::uint64_t done, std::uint64_t total)>;

struct Conversion {
  std::size_t tensors = 0;
  std::uint64_t bytes = 0;            // of the new file
  std::string taken_from;             // as in StateDict
  std::vector<SkippedEntry> skipped;  // as in StateDict
};

// Writes the tensors of `input` to the new file `output`: names, types, shapes and bytes as they
// are in the checkpoint, strides resolved, a storage that tensors share written once for each.
// Errors are one sentence that names the file; for one that is refused it says that nothing was
// executed. Without success no file is left behind. ALREADY_EXISTS when there is an `output` and
// not `replace`.
absl::StatusOr<Conversion> ConvertCheckpoint(const std::filesystem::path& input,
                                             const std::filesystem::path& output, bool replace,
                                             ConvertProgress progress);

}  // namespace darkroom::convert

#endif  // DARKROOM_CONVERT_CONVERT_CHECKPOINT_H_
