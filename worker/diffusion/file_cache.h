#ifndef DARKROOM_WORKER_DIFFUSION_FILE_CACHE_H_
#define DARKROOM_WORKER_DIFFUSION_FILE_CACHE_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "common/status_macros.h"
#include "worker/diffusion/named_file.h"

namespace darkroom::diffusion {

// Files by name, each read when it is first asked for and again when it has changed on the disk.
// What was read is kept while all of it together stays below a bound; what was asked for longest
// ago goes first. Whoever has a value keeps it alive, also beyond the bound. `Value` has bytes().
// Not thread-safe.
template <typename Value>
class FileCache {
 public:
  using Pointer = std::shared_ptr<const Value>;
  using Load = std::function<absl::StatusOr<Pointer>(const NamedFile& file)>;

  // There are no files at first.
  FileCache(std::int64_t max_bytes, Load load) : max_bytes_(max_bytes), load_(std::move(load)) {}

  // In place of all before; what was read of those that are not among them goes. Of equal names the
  // first counts.
  void SetFiles(std::vector<NamedFile> files) {
    files_ = std::move(files);
    places_.clear();
    absl::flat_hash_set<std::string> paths;
    for (std::size_t i = 0; i < files_.size(); ++i) {
      places_.emplace(files_[i].name, i);
      paths.insert(files_[i].path.string());
    }
    std::vector<std::string> gone;
    for (const auto& [path, entry] : entries_) {
      if (!paths.contains(path)) gone.push_back(path);
    }
    for (const std::string& path : gone) Drop(entries_.find(path));
  }

  // In the order that they were given.
  const std::vector<NamedFile>& files() const { return files_; }

  // Null without a file of this name.
  const NamedFile* Find(const std::string& name) const {
    const auto place = places_.find(name);
    return place == places_.end() ? nullptr : &files_[place->second];
  }

  // `file`: one of files(). What `load` returns, or NOT_FOUND where it has gone from the disk.
  absl::StatusOr<Pointer> Get(const NamedFile& file) {
    DARKROOM_ASSIGN_OR_RETURN(const State state, StateOf(file.path));
    called_.insert(
        absl::StrCat(file.name, " ", state.size, " ", state.written.time_since_epoch().count()));
    const auto known = entries_.find(file.path.string());
    if (known != entries_.end() && known->second.state == state) {
      known->second.last_use = ++uses_;
      return known->second.value;
    }
    if (known != entries_.end()) Drop(known);
    DARKROOM_ASSIGN_OR_RETURN(Pointer value, load_(file));
    bytes_ += value->bytes();
    entries_.emplace(file.path.string(),
                     Entry{.state = state, .value = value, .last_use = ++uses_});
    while (bytes_ > max_bytes_ && !entries_.empty()) Drop(Oldest());
    return value;
  }

  // Of what is kept.
  std::int64_t bytes() const { return bytes_; }

  // What tells the files that Get has returned since the last call from others that have had their
  // names: in the order of their names, size and time beside each.
  std::set<std::string> TakeCalled() { return std::exchange(called_, {}); }

 private:
  // Tells a file from what was there before.
  struct State {
    std::uintmax_t size = 0;
    std::filesystem::file_time_type written;

    friend bool operator==(const State&, const State&) = default;
  };

  struct Entry {
    State state;
    Pointer value;
    std::uint64_t last_use = 0;
  };

  using Entries = absl::flat_hash_map<std::string, Entry>;

  static absl::StatusOr<State> StateOf(const std::filesystem::path& path) {
    std::error_code error;
    State state;
    state.size = std::filesystem::file_size(path, error);
    if (!error) state.written = std::filesystem::last_write_time(path, error);
    if (!error) return state;
    return absl::NotFoundError(absl::StrCat(path.string(), ": cannot be read: ", error.message()));
  }

  typename Entries::iterator Oldest() {
    return std::min_element(entries_.begin(), entries_.end(), [](const auto& a, const auto& b) {
      return a.second.last_use < b.second.last_use;
    });
  }

  void Drop(typename Entries::iterator entry) {
    bytes_ -= entry->second.value->bytes();
    entries_.erase(entry);
  }

  std::vector<NamedFile> files_;
  const std::int64_t max_bytes_;
  const Load load_;
  absl::flat_hash_map<std::string, std::size_t> places_;  // in files_, the first of each name
  Entries entries_;                                       // by path: a file may have several names
  std::int64_t bytes_ = 0;
  std::uint64_t uses_ = 0;
  std::set<std::string> called_;
};

}  // namespace darkroom::diffusion

#endif  // DARKROOM_WORKER_DIFFUSION_FILE_CACHE_H_
