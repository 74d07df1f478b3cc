#ifndef DARKROOM_TESTS_CHAOS_HISTORY_H_
#define DARKROOM_TESTS_CHAOS_HISTORY_H_

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/mutex.h"
#include "tests/chaos/history.pb.h"

namespace darkroom::testing {

// Writes the entries of a run to a file, each as soon as it comes and with its time. Thread-safe.
class History {
 public:
  explicit History(const std::filesystem::path& file) : out_(file) {}

  void Add(chaos::Entry entry);
  void AddFault(std::string what, bool recovers = false);
  std::vector<chaos::Entry> entries() const;

 private:
  mutable Mutex mutex_;
  std::ofstream out_ ABSL_GUARDED_BY(mutex_);
  std::vector<chaos::Entry> entries_ ABSL_GUARDED_BY(mutex_);
};

// The entries of a file. Errors: of reading it; DATA_LOSS names the first line that is none.
absl::StatusOr<std::vector<chaos::Entry>> ReadHistory(const std::filesystem::path& file);

}  // namespace darkroom::testing

#endif  // DARKROOM_TESTS_CHAOS_HISTORY_H_
