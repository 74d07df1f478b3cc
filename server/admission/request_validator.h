#ifndef DARKROOM_SERVER_ADMISSION_REQUEST_VALIDATOR_H_
#define DARKROOM_SERVER_ADMISSION_REQUEST_VALIDATOR_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "darkroom/v1/image_parameters.pb.h"
#include "server/admission/resolution.h"
#include "server/core/api_error.h"

namespace darkroom::server {

inline constexpr int kMaxRequestIdBytes = 128;

struct Verdict {
  // Empty: the request is good. Otherwise every bad field, in the order of the schema.
  std::vector<FieldViolation> violations;
  // Of a good request: every field set, names spelt out, styles applied, and no option left that
  // changes nothing. It resolves to itself.
  darkroom::v1::ImageParameters resolved;
  // Of a good request: its model's catalogue id.
  std::string model;
  // Of a good request, as in Resolution.
  double upscale_operations = 0;
  std::int64_t upscaled_pixels = 0;
};

// Checks the parameters of a request and fills in the model's defaults. `draw_seed` is asked for
// each seed that the request leaves open; `inputs` tells of the request's files. Pure. The rules
// are in the *_rules.h beside this.
Verdict ValidateParameters(const darkroom::v1::ImageParameters& asked, const Catalogue& catalogue,
                           DrawSeed draw_seed, const Inputs& inputs = {});

// Printable ASCII, at most kMaxRequestIdBytes.
std::vector<FieldViolation> ValidateRequestId(absl::string_view request_id);

}  // namespace darkroom::server

#endif  // DARKROOM_SERVER_ADMISSION_REQUEST_VALIDATOR_H_
