#include "server/auth/key_record.h"

#include "scheduler/core/record_version.h"

namespace darkroom::server {

absl::StatusOr<darkroom::internal::v1::KeyRecord> ParseKeyRecord(const std::string& bytes) {
  darkroom::internal::v1::KeyRecord record;
  if (!record.ParseFromString(bytes) ||
      !scheduler::IsReadable(record.version(), scheduler::kKeyRecordVersion)) {
    return absl::DataLossError("a stored key cannot be read by this version of the gateway");
  }
  return record;
}

absl::Time FromTimestamp(const google::protobuf::Timestamp& time) {
  return absl::FromUnixSeconds(time.seconds()) + absl::Nanoseconds(time.nanos());
}

}  // namespace darkroom::server
