#ifndef DARKROOM_TESTS_RECORDS_RECORDED_POOL_H_
#define DARKROOM_TESTS_RECORDS_RECORDED_POOL_H_

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace darkroom::testing {

// What a version of Darkroom has left in Redis: a file that record_pool.py has made. Thread-
// compatible.
class RecordedPool {
 public:
  using Words = std::vector<std::string>;
  using Hash = std::map<std::string, std::string>;

  // INVALID_ARGUMENT when the file is not of that kind.
  static absl::StatusOr<RecordedPool> Read(const std::filesystem::path& file);

  // The commands that make it in the pool of this name, as if its workers had reported and
  // announced their models, and its jobs had ended, at `now`. All other times stay as they were.
  std::vector<Words> Commands(absl::string_view pool, absl::Time now) const;

  // The hash, without the pool's prefix of its name; empty when there is none.
  Hash Fields(absl::string_view key) const;
  // The jobs' hashes by id.
  std::map<std::string, Hash> Jobs() const;
  // Ids of the jobs in a state, the oldest first.
  std::vector<std::string> JobsIn(absl::string_view state) const;

  // Makes it what a later version might leave whose records those of today can read: hashes of
  // jobs, events and messages have fields that nobody knows.
  void AddFieldsOfALaterVersion();

 private:
  std::vector<Words> commands_;  // of keys without the pool's prefix
};

}  // namespace darkroom::testing

#endif  // DARKROOM_TESTS_RECORDS_RECORDED_POOL_H_
