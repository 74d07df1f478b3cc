#ifndef DARKROOM_SERVER_AUTH_KEY_RECORD_H_
#define DARKROOM_SERVER_AUTH_KEY_RECORD_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "darkroom/internal/v1/key_record.pb.h"
#include "google/protobuf/timestamp.pb.h"

namespace darkroom::server {

// A record as the store has it. DATA_LOSS when this version of the gateway cannot read it.
absl::StatusOr<darkroom::internal::v1::KeyRecord> ParseKeyRecord(const std::string& bytes);

absl::Time FromTimestamp(const google::protobuf::Timestamp& time);

}  // namespace darkroom::server

#endif  // DARKROOM_SERVER_AUTH_KEY_RECORD_H_
