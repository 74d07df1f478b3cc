#ifndef DARKROOM_SCHEDULER_REDIS_KEYS_H_
#define DARKROOM_SCHEDULER_REDIS_KEYS_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "scheduler/core/event_bus.h"
#include "scheduler/core/job.h"
#include "scheduler/core/lease_store.h"

namespace darkroom::scheduler {

// The names of all keys and channels of a pool; nothing else makes one. docs/redis_format.md says
// what lies under them. All names begin with "dr:{<pool>}:", so a pool is one hash slot.
class Keys {
 public:
  // `pool` is a catalogue id.
  explicit Keys(absl::string_view pool);

  // KEYS of every Lua script, in the order that lua/prelude.lua gives names to.
  const std::vector<std::string>& table() const { return table_; }

  std::string Events(absl::string_view id) const;
  std::string Previews(absl::string_view id) const;
  std::string Result(const LeaseKey& key, int image) const;
  std::string Document(absl::string_view digest) const;
  std::string Input(absl::string_view id) const;
  std::string DeadLetters() const;
  std::string Audit() const;

  // What completes the name of a request: a hash, because the client chose the request_id.
  static std::string RequestHash(absl::string_view tenant, absl::string_view request_id);

  // The channel that tells of a topic.
  std::string Channel(const Topic& topic) const;

 private:
  std::string base_;
  std::vector<std::string> table_;
};

}  // namespace darkroom::scheduler

#endif  // DARKROOM_SCHEDULER_REDIS_KEYS_H_
