#ifndef DARKROOM_CLI_GENERATE_OPTIONS_H_
#define DARKROOM_CLI_GENERATE_OPTIONS_H_

#include <optional>
#include <string>

#include "absl/time/time.h"
#include "cli/option_parser.h"
#include "cli/picture_options.h"
#include "darkroom/v1/generation_service.pb.h"

namespace darkroom::cli {

// What `generate` and `up --generate` can be told. What is left out is the model's default, which
// the server fills in.
struct GenerateOptions {
  PictureOptions picture;
  std::string request_id;  // empty: a random one
  std::string out;
  bool json = false;
  bool trace = false;  // the server is to record one
  absl::Duration timeout = absl::InfiniteDuration();

  // Begins within the group that has been begun.
  void Declare(OptionParser& options);
  // Where the pictures go and how long to wait for them, alone.
  void DeclareOutput(OptionParser& options);
  // `base` are the parameters of an earlier picture; what was written goes before them. No prompt:
  // theirs.
  darkroom::v1::GenerateImageRequest Request(const std::optional<std::string>& prompt,
                                             darkroom::v1::ImageParameters base = {}) const;
};

}  // namespace darkroom::cli

#endif  // DARKROOM_CLI_GENERATE_OPTIONS_H_
