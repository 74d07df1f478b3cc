#include "scheduler/redis/event_codec.h"

#include <map>
#include <variant>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "common/status_macros.h"
#include "scheduler/core/record_version.h"
#include "scheduler/redis/job_codec.h"

namespace darkroom::scheduler {
namespace {

// The fields of one entry.
class Fields {
 public:
  explicit Fields(const std::vector<RedisReply>& flat) {
    for (std::size_t i = 0; i + 1 < flat.size(); i += 2) map_[flat[i].text] = flat[i + 1].text;
  }

  absl::string_view Text(absl::string_view name) const {
    const auto found = map_.find(name);
    return found == map_.end() ? absl::string_view() : absl::string_view(found->second);
  }
  template <typename Integer>
  absl::Status Read(absl::string_view name, Integer& value) const {
    if (absl::SimpleAtoi(Text(name), &value)) return absl::OkStatus();
    return absl::DataLossError(absl::StrCat("an event without a valid \"", name, "\""));
  }

 private:
  std::map<std::string, std::string, std::less<>> map_;
};

absl::StatusOr<EventBody> DecodeQueued(const Fields& fields) {
  QueuedEvent event;
  int requeued = 0;
  DARKROOM_RETURN_IF_ERROR(fields.Read("position", event.position));
  DARKROOM_RETURN_IF_ERROR(fields.Read("requeued", requeued));
  event.requeued = requeued != 0;
  return event;
}

absl::StatusOr<EventBody> DecodeProgress(const Fields& fields) {
  ProgressEvent event;
  DARKROOM_RETURN_IF_ERROR(fields.Read("step", event.step));
  DARKROOM_RETURN_IF_ERROR(fields.Read("steps", event.steps));
  event.time_left = absl::InfiniteDuration();
  if (fields.Text("time_left").empty()) return event;
  DARKROOM_ASSIGN_OR_RETURN(event.time_left, DecodeDuration(fields.Text("time_left")));
  return event;
}

absl::StatusOr<EventBody> DecodeBody(const Fields& fields) {
  const absl::string_view kind = fields.Text("kind");
  if (kind == "accepted") return AcceptedEvent{};
  if (kind == "queued") return DecodeQueued(fields);
  if (kind == "progress") return DecodeProgress(fields);
  if (kind == "started") {
    StartedEvent event;
    DARKROOM_RETURN_IF_ERROR(fields.Read("attempt", event.attempt));
    return event;
  }
  if (kind == "preview") {
    PreviewEvent event;
    DARKROOM_RETURN_IF_ERROR(fields.Read("image", event.image));
    DARKROOM_RETURN_IF_ERROR(fields.Read("step", event.step));
    return event;
  }
  if (kind == "image") {
    ImageEvent event;
    DARKROOM_RETURN_IF_ERROR(fields.Read("image", event.image));
    DARKROOM_RETURN_IF_ERROR(fields.Read("fence", event.fence));
    return event;
  }
  if (kind == "finished") {
    DARKROOM_ASSIGN_OR_RETURN(const JobState state, ParseState(fields.Text("state")));
    return FinishedEvent{.state = state};
  }
  return absl::DataLossError(absl::StrCat("an event of the unknown kind \"", kind, "\""));
}

// Events from before they had versions are of version 1.
absl::StatusOr<std::uint32_t> DecodeVersion(const Fields& fields) {
  std::uint32_t version = 1;
  if (fields.Text("version").empty()) return version;
  DARKROOM_RETURN_IF_ERROR(fields.Read("version", version));
  return version;
}

struct Encoder {
  std::vector<std::string> operator()(const ProgressEvent& event) const {
    std::vector<std::string> words = {"progress", "step", absl::StrCat(event.step), "steps",
                                      absl::StrCat(event.steps)};
    if (event.time_left != absl::InfiniteDuration()) {
      words.insert(words.end(), {"time_left", EncodeDuration(event.time_left)});
    }
    return words;
  }
  std::vector<std::string> operator()(const PreviewEvent& event) const {
    return {"preview", "image", absl::StrCat(event.image), "step", absl::StrCat(event.step)};
  }
  std::vector<std::string> operator()(const ImageEvent& event) const {
    return {"image", "image", absl::StrCat(event.image), "fence", absl::StrCat(event.fence)};
  }
};

}  // namespace

std::vector<std::string> EncodeEvent(const WorkerEvent& event) {
  return std::visit(Encoder(), event);
}

absl::StatusOr<JobEvent> DecodeEvent(const RedisReply& entry) {
  if (entry.elements.size() != 2) return UnexpectedReply("an event");
  JobEvent event;
  absl::string_view id = entry.elements[0].text;
  if (!absl::ConsumeSuffix(&id, "-0") || !absl::SimpleAtoi(id, &event.sequence)) {
    return UnexpectedReply("an event's sequence");
  }
  const Fields fields(entry.elements[1].elements);
  DARKROOM_ASSIGN_OR_RETURN(event.time, DecodeTime(fields.Text("time")));
  DARKROOM_ASSIGN_OR_RETURN(const std::uint32_t version, DecodeVersion(fields));
  event.body = UnknownEvent{};
  // The last event is the same in every version: watchers wait for it.
  if (IsReadable(version, kEventVersion) || fields.Text("kind") == "finished") {
    DARKROOM_ASSIGN_OR_RETURN(event.body, DecodeBody(fields));
  }
  return event;
}

std::string EntryId(std::int64_t sequence) { return absl::StrCat(sequence, "-0"); }

}  // namespace darkroom::scheduler
