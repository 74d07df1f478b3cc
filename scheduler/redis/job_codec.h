#ifndef DARKROOM_SCHEDULER_REDIS_JOB_CODEC_H_
#define DARKROOM_SCHEDULER_REDIS_JOB_CODEC_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "scheduler/core/job.h"
#include "scheduler/core/lease_store.h"
#include "scheduler/redis/resp_codec.h"

namespace darkroom::scheduler {

// Jobs as the scripts take and return them. Decoding is DATA_LOSS when the reply has another shape.

// Whole microseconds; a time that does not come (InfiniteFuture) is the empty string.
std::string EncodeTime(absl::Time time);
std::string EncodeDuration(absl::Duration duration);
absl::StatusOr<absl::Time> DecodeTime(absl::string_view text);
absl::StatusOr<absl::Duration> DecodeDuration(absl::string_view text);

absl::StatusOr<std::int64_t> DecodeInteger(const RedisReply& reply);

// What snapshot() of prelude.lua returns.
absl::StatusOr<JobSnapshot> DecodeSnapshot(const RedisReply& reply);
// One job that acquire.lua returns.
absl::StatusOr<LeasedJob> DecodeLeasedJob(const RedisReply& reply);

absl::Status UnexpectedReply(absl::string_view of);

}  // namespace darkroom::scheduler

#endif  // DARKROOM_SCHEDULER_REDIS_JOB_CODEC_H_
