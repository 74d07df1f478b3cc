#ifndef DARKROOM_CLI_GENERATE_OPTIONS_H_
#define DARKROOM_CLI_GENERATE_OPTIONS_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "cli/option_parser.h"
#include "darkroom/v1/generation_service.pb.h"

namespace darkroom::cli {

// What `generate` and `up --generate` can be told about a picture. What is left out is the model's
// default, which the server fills in.
struct GenerateOptions {
  std::string negative;
  std::string model;
  std::optional<std::int64_t> width, height, steps, seed, count, clip_skip, preview_interval;
  std::optional<double> guidance;
  std::string sampler;
  std::string schedule;
  std::string noise = "philox";
  std::string request_id;  // empty: a random one
  std::string out;
  bool json = false;
  absl::Duration timeout = absl::InfiniteDuration();

  void Declare(OptionParser& options);
  // INVALID_ARGUMENT for what cannot even be sent; limits are the server's to check.
  absl::StatusOr<darkroom::v1::GenerateImageRequest> Request(absl::string_view prompt) const;
};

}  // namespace darkroom::cli

#endif  // DARKROOM_CLI_GENERATE_OPTIONS_H_
