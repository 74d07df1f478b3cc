#ifndef DARKROOM_CONVERT_LEGACY_CHECKPOINT_H_
#define DARKROOM_CONVERT_LEGACY_CHECKPOINT_H_

#include <memory>

#include "absl/status/statusor.h"
#include "convert/checkpoint.h"
#include "convert/input_file.h"

namespace darkroom::convert {

// The format of torch before 1.6 (torch/serialization.py, _legacy_save): five pickles, a magic
// number, a version, facts about the machine, the object, and the keys of its storages; then each
// storage as the number of its elements (eight bytes, little-endian) and its bytes.
absl::StatusOr<std::unique_ptr<Checkpoint>> OpenLegacyCheckpoint(InputFile file);

}  // namespace darkroom::convert

#endif  // DARKROOM_CONVERT_LEGACY_CHECKPOINT_H_
