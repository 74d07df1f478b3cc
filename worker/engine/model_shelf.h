#ifndef DARKROOM_WORKER_ENGINE_MODEL_SHELF_H_
#define DARKROOM_WORKER_ENGINE_MODEL_SHELF_H_

#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "worker/engine/file_warnings.h"
#include "worker/engine/model_catalogue.h"
#include "worker/engine/served_model.h"

namespace darkroom::worker {

// Keeps what a worker serves as its folders are: models come, go, and change with their files.
// Not thread-safe: it is filled on one thread and then looked after on another.
//
// A file is taken once it has stayed as it is between two looks, since somebody may be writing it;
// what was there before is served until then. What cannot be used is left out, with one warning
// that names file and reason, and tried again when it changes; one that cannot be read, always.
class ModelShelf {
 public:
  // Makes what serves a model. It may take long: files are hashed in it.
  using Serve = std::function<absl::StatusOr<ServedModel>(const FoundModel&)>;

  // `roots` and `ids` as FindModels takes them.
  ModelShelf(std::vector<std::filesystem::path> roots, std::vector<std::string> ids, Serve serve,
             FileWarnings::Warn warn = &LogWarning);

  // The first models, which FindModels has found, in this order; at least one. A model that was
  // named in `ids` has to be served, of the others those that cannot be are left out. The errors
  // are those of `serve`, which is used here instead of the other.
  absl::StatusOr<std::vector<ServedModel>> Fill(const std::vector<FoundModel>& found,
                                                const Serve& serve);

  // What is otherwise than at the last look.
  ModelChanges Rescan();

 private:
  struct Seen {
    std::filesystem::path path;
    std::string stamp;         // at the last look
    std::string served_stamp;  // of what is served; empty: nothing is
    absl::Status status;       // of the last try to serve this stamp
  };

  static void LogWarning(const std::filesystem::path& path, absl::string_view why);

  void LookAt(const FoundModel& model, Seen& seen, ModelChanges& changes);

  const std::vector<std::filesystem::path> roots_;
  const std::vector<std::string> ids_;
  const Serve serve_;
  FileWarnings warnings_;
  std::map<std::string, Seen> seen_;  // by id
};

}  // namespace darkroom::worker

#endif  // DARKROOM_WORKER_ENGINE_MODEL_SHELF_H_
