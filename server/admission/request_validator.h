#ifndef DARKROOM_SERVER_ADMISSION_REQUEST_VALIDATOR_H_
#define DARKROOM_SERVER_ADMISSION_REQUEST_VALIDATOR_H_

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/strings/string_view.h"
#include "darkroom/v1/image_parameters.pb.h"
#include "darkroom/v1/model.pb.h"
#include "server/core/api_error.h"

namespace darkroom::server {

inline constexpr int kMaxPromptBytes = 4096;
inline constexpr int kMaxRequestIdBytes = 128;
inline constexpr int kMaxSteps = 150;  // of any model; each may allow fewer
inline constexpr double kMinGuidance = 1;
inline constexpr double kMaxGuidance = 30;
inline constexpr std::int64_t kMaxSeed = 4'294'967'295;
inline constexpr int kDefaultPreviewInterval = 5;

// What a request may ask for.
struct Catalogue {
  const std::map<std::string, darkroom::v1::Model>& models;
  std::string default_model;  // may be empty
};

struct Verdict {
  // Empty: the request is good. Otherwise every bad field, in the order of the schema.
  std::vector<FieldViolation> violations;
  // Of a good request: every field set, the model as a resource name.
  darkroom::v1::ImageParameters resolved;
  // Of a good request: its catalogue id.
  std::string model;
};

// Checks the parameters of a request and fills in the model's defaults. `draw_seed` returns 32
// random bits and is asked when the request leaves the seed open. Pure.
Verdict ValidateParameters(const darkroom::v1::ImageParameters& asked, const Catalogue& catalogue,
                           absl::FunctionRef<std::uint32_t()> draw_seed);

// Printable ASCII, at most kMaxRequestIdBytes.
std::vector<FieldViolation> ValidateRequestId(absl::string_view request_id);

}  // namespace darkroom::server

#endif  // DARKROOM_SERVER_ADMISSION_REQUEST_VALIDATOR_H_
