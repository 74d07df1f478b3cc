#ifndef DARKROOM_SCHEDULER_REDIS_KEYS_H_
#define DARKROOM_SCHEDULER_REDIS_KEYS_H_

#include <string>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
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

  // What the Lua functions call K.<lua>: the pool's base and `key`, which is a whole name or a
  // prefix that an id completes.
  struct Name {
    absl::string_view lua;
    absl::string_view key;
  };
  static absl::Span<const Name> Names();

  // What all names of the pool begin with; the one key of every Lua function.
  const std::string& base() const { return base_; }

  std::string Events(absl::string_view id) const;
  std::string Previews(absl::string_view id) const;
  std::string Result(const LeaseKey& key, int image) const;
  std::string Document(absl::string_view digest) const;
  std::string Input(absl::string_view id) const;
  std::string Step(absl::string_view id) const;
  std::string Settings(absl::string_view owner) const;
  std::string DeadLetters() const;
  std::string Audit() const;
  std::string Counters() const;

  // What completes the name of a request: a hash, because the client chose the request_id.
  static std::string RequestHash(absl::string_view tenant, absl::string_view request_id);

  // The channel that tells of a topic.
  std::string Channel(const Topic& topic) const;

 private:
  std::string base_;
};

}  // namespace darkroom::scheduler

#endif  // DARKROOM_SCHEDULER_REDIS_KEYS_H_
