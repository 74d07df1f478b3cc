#ifndef DARKROOM_SERVER_ADMISSION_TIER_FILE_H_
#define DARKROOM_SERVER_ADMISSION_TIER_FILE_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "server/admission/tiers.h"

namespace darkroom::server {

// A file of tiers, in TOML 1.0:
//
//   [tiers.standard]           # there has to be one of this name
//   weight = 1                 # share of the device time beside other tiers, 1 to 1000; default 1
//   queued = 20                # jobs of a tenant that may wait
//   running = 2                # jobs of a tenant that are worked on at once
//   gpu_seconds_a_day = 3600   # predicted device time of a tenant, corrected to the measured
//   requests_a_second = 0.5    # of a tenant in the long run, above 0; need not be a whole number
//   burst = 10                 # requests of a tenant that may come at once; default 1
//   pixels = 1048576           # of the largest picture of one request
//   steps = 50                 # of either pass of one request
//   images = 4                 # of one request
//
// All other values are whole numbers. A key that is left out sets no limit. Requests are calls that
// make jobs or that read prompts and infotexts.
//
// INVALID_ARGUMENT for anything else, with a message that names tier and key and says what would be
// right.
absl::StatusOr<Tiers> ParseTiers(absl::string_view toml);

// Of a file, whose path errors name; without a path, StandardTierAlone().
absl::StatusOr<Tiers> ReadTierFile(const std::string& path);

}  // namespace darkroom::server

#endif  // DARKROOM_SERVER_ADMISSION_TIER_FILE_H_
