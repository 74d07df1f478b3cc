#ifndef DARKROOM_CLI_RPC_STATUS_H_
#define DARKROOM_CLI_RPC_STATUS_H_

#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "google/rpc/status.pb.h"

namespace darkroom::cli {

// A google.rpc.Status travels as the payload of an absl::Status, so that the details of the server
// reach the place where errors are printed.
absl::Status FromRpcStatus(const google::rpc::Status& status);
// The payload; for a status without one, its code and message alone.
google::rpc::Status ToRpcStatus(const absl::Status& status);

// The reason of its ErrorInfo, as in "QUEUE_FULL"; without one the code, as in "UNAVAILABLE".
std::string ReasonOf(const google::rpc::Status& status);
std::string ReasonOf(const absl::Status& status);

// How long the server asks to wait before trying again, if it does.
std::optional<absl::Duration> RetryDelay(const absl::Status& status);

// The error for people: the message, then one line for every detail that helps, such as each field
// violation. Several lines, each ending in a line feed, without any prefix.
std::string ErrorText(const google::rpc::Status& status);
std::string ErrorText(const absl::Status& status);

}  // namespace darkroom::cli

#endif  // DARKROOM_CLI_RPC_STATUS_H_
