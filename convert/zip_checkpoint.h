#ifndef DARKROOM_CONVERT_ZIP_CHECKPOINT_H_
#define DARKROOM_CONVERT_ZIP_CHECKPOINT_H_

#include <memory>

#include "absl/status/statusor.h"
#include "convert/checkpoint.h"
#include "convert/input_file.h"

namespace darkroom::convert {

// The format of torch >= 1.6 (torch/serialization.py, _save): a zip archive with one folder of any
// name in which are data.pkl, byteorder (since 2.1), and data/N with the bytes of storage N. An
// entry that torch does not write there is refused.
absl::StatusOr<std::unique_ptr<Checkpoint>> OpenZipCheckpoint(InputFile file);

}  // namespace darkroom::convert

#endif  // DARKROOM_CONVERT_ZIP_CHECKPOINT_H_
