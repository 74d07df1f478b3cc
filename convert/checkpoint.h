#ifndef DARKROOM_CONVERT_CHECKPOINT_H_
#define DARKROOM_CONVERT_CHECKPOINT_H_

#include <cstddef>
#include <cstdint>
#include <memory>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "convert/input_file.h"
#include "convert/pickle_value.h"

namespace darkroom::convert {

// Takes the next bytes of a stream; an error ends it.
using Sink = absl::FunctionRef<absl::Status(absl::string_view bytes)>;

// A file of torch.save: what its pickle describes, and the bytes of its storages. Used by one
// thread.
class Checkpoint {
 public:
  // The largest piece that a Sink is given.
  static constexpr std::size_t kPieceBytes = std::size_t{1} << 20;

  virtual ~Checkpoint() = default;

  virtual const PickleData& data() const = 0;

  // Streams bytes of a storage of data(); offset + size is within it. INVALID_ARGUMENT or DATA_LOSS
  // when the file does not hold what it says.
  virtual absl::Status ReadStorage(std::uint32_t storage, std::uint64_t offset, std::uint64_t size,
                                   Sink sink) = 0;
};

// Reads everything but the storages. INVALID_ARGUMENT says what is wrong, without the file's name:
// neither the zip archive of torch >= 1.6 nor the legacy format before it, or one that is damaged,
// lies about itself, or whose pickle is refused.
absl::StatusOr<std::unique_ptr<Checkpoint>> OpenCheckpoint(InputFile file);

}  // namespace darkroom::convert

#endif  // DARKROOM_CONVERT_CHECKPOINT_H_
