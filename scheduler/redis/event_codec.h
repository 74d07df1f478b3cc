#ifndef DARKROOM_SCHEDULER_REDIS_EVENT_CODEC_H_
#define DARKROOM_SCHEDULER_REDIS_EVENT_CODEC_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "scheduler/core/event_bus.h"
#include "scheduler/core/job_event.h"
#include "scheduler/redis/resp_codec.h"

namespace darkroom::scheduler {

// Events as entries of a job's stream: the id is "<sequence>-0", the fields are "version", "time",
// "kind" and those of the kind (docs/redis_format.md).

// Kind, then field and value of each field: what append_event.lua takes.
std::vector<std::string> EncodeEvent(const WorkerEvent& event);

// An entry of XRANGE. One of a later version is an UnknownEvent, but for the last of a job.
// DATA_LOSS when it is not one of ours.
absl::StatusOr<JobEvent> DecodeEvent(const RedisReply& entry);

// The id of the event with a sequence.
std::string EntryId(std::int64_t sequence);

}  // namespace darkroom::scheduler

#endif  // DARKROOM_SCHEDULER_REDIS_EVENT_CODEC_H_
