#include "worker/engine/model_shelf.h"

#include <utility>

#include "common/log.h"

namespace darkroom::worker {

ModelShelf::ModelShelf(std::vector<std::filesystem::path> roots, std::vector<std::string> ids,
                       Serve serve, FileWarnings::Warn warn)
    : roots_(std::move(roots)),
      ids_(std::move(ids)),
      serve_(std::move(serve)),
      warnings_(std::move(warn)) {}

void ModelShelf::LogWarning(const std::filesystem::path& path, absl::string_view why) {
  log::Warning("a model is not served", {{"path", path.string()}, {"why", why}});
}

absl::StatusOr<std::vector<ServedModel>> ModelShelf::Fill(const std::vector<FoundModel>& found,
                                                          const Serve& serve) {
  std::vector<ServedModel> models;
  absl::Status last;
  for (const FoundModel& model : found) {
    Seen& seen = seen_[model.id];
    seen.path = model.path;
    seen.stamp = model.stamp;
    absl::StatusOr<ServedModel> served = serve(model);
    if (served.ok()) {
      models.push_back(*std::move(served));
      seen.served_stamp = model.stamp;
      continue;
    }
    seen.status = last = served.status();
    if (!ids_.empty()) return last;
    warnings_.Once(model.path, last.message());
  }
  if (models.empty()) return last;
  return models;
}

ModelChanges ModelShelf::Rescan() {
  std::map<std::string, std::filesystem::path> places;
  for (const auto& [id, seen] : seen_) {
    if (!seen.served_stamp.empty()) places.emplace(id, seen.path);
  }
  const ModelSearch search = FindModelsAgain(roots_, ids_, places);
  for (const LeftOut& left : search.left_out) warnings_.Once(left.path, left.why.message());
  std::map<std::string, Seen> before = std::exchange(seen_, {});
  ModelChanges changes;
  for (const FoundModel& model : search.models) {
    Seen seen = std::move(before[model.id]);
    before.erase(model.id);
    LookAt(model, seen, changes);
    seen_[model.id] = std::move(seen);
  }
  for (const auto& [id, seen] : before) {
    if (!seen.served_stamp.empty()) changes.gone.push_back(id);
  }
  return changes;
}

void ModelShelf::LookAt(const FoundModel& model, Seen& seen, ModelChanges& changes) {
  if (seen.stamp != model.stamp) seen.status = absl::OkStatus();
  const bool settled = std::exchange(seen.stamp, model.stamp) == model.stamp;
  seen.path = model.path;
  if (seen.served_stamp == model.stamp) return;
  if (!settled) {
    changes.unsettled = true;
    return;
  }
  // Nothing but another file helps. Rights, as an example, change without a trace in the stamp.
  if (absl::IsInvalidArgument(seen.status)) return;
  absl::StatusOr<ServedModel> served = serve_(model);
  if (StampOf(model) != model.stamp) {
    changes.unsettled = true;  // written to while it was read
    return;
  }
  seen.status = served.status();
  if (served.ok()) {
    seen.served_stamp = model.stamp;
    changes.added.push_back(*std::move(served));
    return;
  }
  warnings_.Once(model.path, seen.status.message());
  if (!std::exchange(seen.served_stamp, "").empty()) changes.gone.push_back(model.id);
}

}  // namespace darkroom::worker
