#ifndef DARKROOM_CLI_CHUNK_ASSEMBLER_H_
#define DARKROOM_CLI_CHUNK_ASSEMBLER_H_

#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "darkroom/v1/job.pb.h"

namespace darkroom::cli {

// A finished image with its bytes.
struct Picture {
  darkroom::v1::Image image;
  std::string bytes;
};

// Puts the chunks of images together again. An image starts over with a chunk at offset 0.
class ChunkAssembler {
 public:
  // Returns the picture with its last chunk. DATA_LOSS when a chunk does not follow the one before
  // it, or when the size or the SHA-256 of the whole are not those announced.
  absl::StatusOr<std::optional<Picture>> Add(const darkroom::v1::ImageChunk& chunk);

 private:
  Picture picture_;  // of the image whose chunks are arriving
};

}  // namespace darkroom::cli

#endif  // DARKROOM_CLI_CHUNK_ASSEMBLER_H_
