#ifndef DARKROOM_PICTURE_DECODER_PROCESS_H_
#define DARKROOM_PICTURE_DECODER_PROCESS_H_

#include <filesystem>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/grey_image.h"
#include "common/rgb_image.h"

namespace darkroom::picture {

// Decodes files of strangers. Each one has a process of its own, darkroom-decode, which holds none
// of this process's files and connections and has bounds on its memory, its processor time and its
// files; one that takes too long is killed. So nothing that a file does reaches this process but an
// error or pixels. Thread-safe.
class DecoderProcess {
 public:
  static constexpr absl::Duration kPatience = absl::Seconds(20);

  // `program` is darkroom-decode.
  explicit DecoderProcess(std::filesystem::path program, absl::Duration patience = kPatience);

  // Blocks until the process has ended. INVALID_ARGUMENT as DecodePicture, and when the process is
  // killed over the file; INTERNAL when it cannot be run.
  absl::StatusOr<RgbImage> Decode(absl::string_view file) const;
  // The same as DecodeMask.
  absl::StatusOr<GreyImage> DecodeMask(absl::string_view file) const;

 private:
  // What the process answers when it is started with `option`, or without where that is empty.
  absl::StatusOr<std::string> Ask(absl::string_view file, absl::string_view option) const;

  const std::filesystem::path program_;
  const absl::Duration patience_;
};

}  // namespace darkroom::picture

#endif  // DARKROOM_PICTURE_DECODER_PROCESS_H_
