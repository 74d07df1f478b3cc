#ifndef DARKROOM_CLI_UPSCALE_OPTIONS_H_
#define DARKROOM_CLI_UPSCALE_OPTIONS_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "cli/generate_options.h"
#include "cli/option_parser.h"
#include "darkroom/v1/generation_service.pb.h"

namespace darkroom::cli {

// What `upscale` can be told. What is left out the server fills in.
struct UpscaleOptions {
  std::string upscaler;
  std::optional<double> scale;
  std::optional<std::int64_t> width;
  std::optional<std::int64_t> height;
  bool no_crop = false;
  std::string second_upscaler;
  std::optional<double> visibility;
  std::string model;
  GenerateOptions output;  // of which only what DeclareOutput says

  // Begins within the group that has been begun.
  void Declare(OptionParser& options);
  // The request for a picture: a file, or "jobs/ID" and the like. INVALID_ARGUMENT names an option
  // whose number is too large, or the picture's file that cannot be read.
  absl::StatusOr<darkroom::v1::GenerateImageRequest> Request(absl::string_view picture) const;
  // Where the result goes: a folder's or no path becomes that of a file named after the picture.
  std::string OutPath(absl::string_view picture) const;
};

}  // namespace darkroom::cli

#endif  // DARKROOM_CLI_UPSCALE_OPTIONS_H_
