#ifndef DARKROOM_SERVER_CORE_API_ERROR_H_
#define DARKROOM_SERVER_CORE_API_ERROR_H_

#include <initializer_list>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "google/rpc/status.pb.h"

namespace darkroom::server {

// The errors that callers see: an absl::Status whose payloads are google.rpc details, keyed by
// their type URL. Every one has an ErrorInfo with the domain "darkroom" and one of these reasons,
// which are stable: clients branch on them.
namespace reason {
inline constexpr absl::string_view kInvalidRequest = "INVALID_REQUEST";   // BadRequest
inline constexpr absl::string_view kMalformed = "MALFORMED_REQUEST";      // not protobuf
inline constexpr absl::string_view kUnauthenticated = "UNAUTHENTICATED";  // key missing or wrong
inline constexpr absl::string_view kMissingScope = "MISSING_SCOPE";       // of the key
inline constexpr absl::string_view kKeysOff = "KEYS_OFF";                 // AdminService
inline constexpr absl::string_view kKeyNotFound = "KEY_NOT_FOUND";
inline constexpr absl::string_view kKeyRevoked = "KEY_REVOKED";
inline constexpr absl::string_view kKeyChanged = "KEY_CHANGED";  // by somebody else
inline constexpr absl::string_view kDeadLetterNotFound = "DEAD_LETTER_NOT_FOUND";
inline constexpr absl::string_view kWorkerNotFound = "WORKER_NOT_FOUND";    // or it is gone
inline constexpr absl::string_view kJobNotFound = "JOB_NOT_FOUND";          // or somebody else's
inline constexpr absl::string_view kImageNotFound = "IMAGE_NOT_FOUND";      // not yet, or no longer
inline constexpr absl::string_view kModelNotFound = "MODEL_NOT_FOUND";      // GetModel
inline constexpr absl::string_view kNoModels = "NO_MODELS";                 // RetryInfo
inline constexpr absl::string_view kNoTokenizer = "NO_TOKENIZER";           // RetryInfo
inline constexpr absl::string_view kNoAdapters = "NO_ADAPTERS";             // RetryInfo
inline constexpr absl::string_view kRequestIdReused = "REQUEST_ID_REUSED";  // other parameters
inline constexpr absl::string_view kQueueFull = "QUEUE_FULL";  // RetryInfo, QuotaFailure
// Of a tenant's tier, likewise.
inline constexpr absl::string_view kTenantQueueFull = "TENANT_QUEUE_FULL";
inline constexpr absl::string_view kTooManyRequests = "TOO_MANY_REQUESTS";
inline constexpr absl::string_view kDailyDeviceTimeUsed = "DAILY_DEVICE_TIME_USED";
inline constexpr absl::string_view kStoreFull = "STORE_FULL";                // RetryInfo
inline constexpr absl::string_view kStoreUnavailable = "STORE_UNAVAILABLE";  // RetryInfo
inline constexpr absl::string_view kDraining = "DRAINING";                   // RetryInfo
inline constexpr absl::string_view kNewerVersion = "NEWER_VERSION";          // RetryInfo
inline constexpr absl::string_view kSlowReader = "SLOW_READER";              // resume
inline constexpr absl::string_view kDeadlinePassed = "DEADLINE_PASSED";      // before it was queued
inline constexpr absl::string_view kCancelled = "CANCELLED";                 // by the caller
inline constexpr absl::string_view kInternal = "INTERNAL";                   // a defect
}  // namespace reason

// One bad field of a request: its path ("parameters.steps") and what is wrong, what the limit is
// and what would be right.
struct FieldViolation {
  std::string field;
  std::string description;

  friend bool operator==(const FieldViolation&, const FieldViolation&) = default;
};

using Metadata = std::initializer_list<std::pair<absl::string_view, absl::string_view>>;

absl::Status ApiError(absl::StatusCode code, absl::string_view reason, absl::string_view message,
                      Metadata metadata = {});

// INVALID_ARGUMENT with all violations as a BadRequest; the message repeats them for people.
// `violations` is not empty.
absl::Status InvalidRequest(const std::vector<FieldViolation>& violations);

// Adds a detail to an error.
absl::Status WithRetry(absl::Status status, absl::Duration after);
absl::Status WithQuota(absl::Status status, absl::string_view subject,
                       absl::string_view description);

// `status` when it already is an ApiError; otherwise what a failed operation of the store means to
// the caller: UNAVAILABLE becomes STORE_UNAVAILABLE, everything else INTERNAL without its message,
// which goes to the log.
absl::Status StoreError(const absl::Status& status);

// The error as it goes over the wire; the ErrorInfo is the first detail.
google::rpc::Status ToRpcStatus(const absl::Status& status);
absl::Status FromRpcStatus(const google::rpc::Status& wire);

}  // namespace darkroom::server

#endif  // DARKROOM_SERVER_CORE_API_ERROR_H_
