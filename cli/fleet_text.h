#ifndef DARKROOM_CLI_FLEET_TEXT_H_
#define DARKROOM_CLI_FLEET_TEXT_H_

#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "darkroom/v1/fleet_service.pb.h"
#include "darkroom/v1/worker.pb.h"
#include "google/protobuf/repeated_field.h"

namespace darkroom::cli {

namespace v1 = darkroom::v1;

// Workers for people, as a table. Pure.
std::string WorkersText(const google::protobuf::RepeatedPtrField<v1::Worker>& workers,
                        absl::Time now);

// A frame of `darkroom top`: a line of totals, the workers, what they have in memory, the tiers,
// and how far promised waits were off.
std::string FleetText(const v1::Fleet& fleet, absl::Time now);

// The text for a terminal: lines are cut to `columns` characters, and no more than `rows` are left.
std::string FitToScreen(absl::string_view text, int columns, int rows);

}  // namespace darkroom::cli

#endif  // DARKROOM_CLI_FLEET_TEXT_H_
