#ifndef DARKROOM_CLI_KEY_TEXT_H_
#define DARKROOM_CLI_KEY_TEXT_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "darkroom/v1/admin_service.pb.h"
#include "darkroom/v1/api_key.pb.h"

namespace darkroom::cli {

namespace v1 = darkroom::v1;

// Keys for people, as a table: what they are for, and how they stand at `now`.
std::string KeysText(const v1::ListKeysResponse& listed, absl::Time now);

// "generate" or "admin"; INVALID_ARGUMENT for anything else.
absl::StatusOr<v1::KeyScope> ParseKeyScope(absl::string_view name);

// "keys/<id>" from that or from the id alone.
std::string KeyName(absl::string_view name_or_id);

}  // namespace darkroom::cli

#endif  // DARKROOM_CLI_KEY_TEXT_H_
