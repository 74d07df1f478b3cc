#include "cli/chunk_assembler.h"

#include <cstdint>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/sha256.h"

namespace darkroom::cli {

absl::StatusOr<std::optional<Picture>> ChunkAssembler::Add(const darkroom::v1::ImageChunk& chunk) {
  if (chunk.offset() == 0) picture_ = {chunk.image(), ""};
  const auto lost = [&chunk](absl::string_view what) {
    return absl::DataLossError(absl::StrCat("image ", chunk.image().index(), ": ", what));
  };
  if (chunk.image().index() != picture_.image.index() ||
      chunk.offset() != static_cast<std::int64_t>(picture_.bytes.size())) {
    return lost(absl::StrCat("a chunk at ", chunk.offset(), " came after ", picture_.bytes.size(),
                             " bytes"));
  }
  picture_.bytes += chunk.data();
  const auto size = static_cast<std::int64_t>(picture_.bytes.size());
  if (size > picture_.image.size_bytes() || (chunk.last() && size < picture_.image.size_bytes())) {
    return lost(
        absl::StrCat(size, " bytes came, ", picture_.image.size_bytes(), " were announced"));
  }
  if (!chunk.last()) return std::nullopt;
  if (Sha256Hex(picture_.bytes) != picture_.image.sha256()) {
    return lost("the bytes do not have the announced SHA-256");
  }
  return std::exchange(picture_, {});
}

}  // namespace darkroom::cli
