#include "cli/job_follower.h"

#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/status_macros.h"

namespace darkroom::cli {

absl::Status JobFollower::Handle(const darkroom::v1::JobEvent& event) {
  if (event.has_image_chunk()) {
    DARKROOM_ASSIGN_OR_RETURN(std::optional<Picture> picture, assembler_.Add(event.image_chunk()));
    if (picture.has_value()) {
      const int index = picture->image.index();
      pictures_[index] = *std::move(picture);
    }
  }
  if (event.has_finished()) job_ = event.finished().job();
  progress_.Update(event);
  view_.Show(LineOf(progress_));
  return absl::OkStatus();
}

ResumePolicy JobFollower::Resuming() {
  ResumePolicy policy;
  policy.on_retry = [this, told = std::string()](const absl::Status& why, absl::Duration) mutable {
    if (!absl::IsUnavailable(why) || told == why.message()) return;
    told = std::string(why.message());
    view_.Note(absl::StrCat("no connection (", told, "); trying again"));
  };
  return policy;
}

absl::Status JobFollower::CheckComplete() const {
  const auto came = static_cast<int>(pictures_.size());
  if (job_.state() != darkroom::v1::JOB_STATE_SUCCEEDED || came == job_.images_size()) {
    return absl::OkStatus();
  }
  return absl::DataLossError(
      absl::StrCat(came, " of the job's ", job_.images_size(), " pictures came"));
}

absl::StatusOr<std::vector<std::string>> JobFollower::Save(const PictureWriter& writer) const {
  std::vector<std::string> files;
  for (const auto& [index, picture] : pictures_) {
    DARKROOM_ASSIGN_OR_RETURN(std::filesystem::path path, writer.Write(picture));
    files.push_back(path.string());
  }
  return files;
}

}  // namespace darkroom::cli
