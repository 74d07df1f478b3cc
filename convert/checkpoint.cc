#include "convert/checkpoint.h"

#include <string>
#include <utility>

#include "absl/strings/match.h"
#include "common/status_macros.h"
#include "convert/legacy_checkpoint.h"
#include "convert/zip_checkpoint.h"

namespace darkroom::convert {

absl::StatusOr<std::unique_ptr<Checkpoint>> OpenCheckpoint(InputFile file) {
  DARKROOM_ASSIGN_OR_RETURN(const std::string beginning, file.Read(0, 16));
  if (absl::StartsWith(beginning, "PK\x03\x04")) return OpenZipCheckpoint(std::move(file));
  if (absl::StartsWith(beginning, "\x80")) return OpenLegacyCheckpoint(std::move(file));
  if (beginning.size() > 8 && beginning[8] == '{') {
    return absl::InvalidArgumentError(
        "it seems to be a safetensors file already, which needs no conversion");
  }
  return absl::InvalidArgumentError(
      "it is neither a zip archive of torch.save nor its legacy format");
}

}  // namespace darkroom::convert
