#include "cli/progress_bar.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "cli/duration.h"

namespace darkroom::cli {
namespace {

constexpr int kWidestBar = 40;
constexpr int kNarrowestBar = 8;

std::string QueueText(const Progress& progress) {
  std::string text = progress.requeued ? "waiting again, the worker was lost" : "waiting";
  if (progress.position == 1) {
    absl::StrAppend(&text, ", 1 job ahead");
  } else if (progress.position > 1) {
    absl::StrAppend(&text, ", ", progress.position, " jobs ahead");
  }
  if (progress.estimated_wait.value_or(absl::ZeroDuration()) > absl::ZeroDuration()) {
    absl::StrAppend(&text, ", about ", ClockText(*progress.estimated_wait));
  }
  return text;
}

std::string RunningText(const Progress& progress) {
  if (progress.steps == 0) return "starting";
  std::string text = absl::StrCat("step ", progress.step, " of ", progress.steps);
  if (progress.images > 1) {
    absl::StrAppend(&text, ", ", progress.images_done, " of ", progress.images, " pictures");
  }
  if (progress.time_left.has_value()) {
    absl::StrAppend(&text, ", ", ClockText(*progress.time_left), " left");
  }
  return text;
}

void BeginWaiting(Progress& progress, const darkroom::v1::JobQueued& queued) {
  progress.phase = Progress::Phase::kQueued;
  progress.position = queued.position();
  progress.requeued = progress.requeued || queued.requeued();
  progress.estimated_wait.reset();
  if (queued.has_estimated_wait()) progress.estimated_wait = ToDuration(queued.estimated_wait());
}

std::string TextOf(const Progress& progress) {
  switch (progress.phase) {
    case Progress::Phase::kSubmitting:
      return "sending the request";
    case Progress::Phase::kQueued:
      return QueueText(progress);
    case Progress::Phase::kRunning:
      return RunningText(progress);
    case Progress::Phase::kFinished:
      return "finished";
  }
  return "";
}

}  // namespace

void Progress::Update(const darkroom::v1::JobEvent& event) {
  switch (event.kind_case()) {
    case darkroom::v1::JobEvent::kAccepted:
      images = std::max(1, event.accepted().job().parameters().image_count());
      break;
    case darkroom::v1::JobEvent::kQueued:
      BeginWaiting(*this, event.queued());
      break;
    case darkroom::v1::JobEvent::kStarted:
      phase = Phase::kRunning;
      step = 0;
      time_left.reset();
      break;
    case darkroom::v1::JobEvent::kProgress:
      phase = Phase::kRunning;
      step = event.progress().step();
      steps = event.progress().steps();
      time_left.reset();
      if (event.progress().has_time_left()) time_left = ToDuration(event.progress().time_left());
      break;
    case darkroom::v1::JobEvent::kImageChunk:
      if (event.image_chunk().last()) images_done = event.image_chunk().image().index() + 1;
      break;
    case darkroom::v1::JobEvent::kFinished:
      phase = Phase::kFinished;
      break;
    default:
      break;
  }
}

double Progress::fraction() const {
  if (phase == Phase::kFinished) return 1;
  if (phase != Phase::kRunning || steps <= 0) return 0;
  return std::clamp(static_cast<double>(step) / steps, 0.0, 1.0);
}

std::string ClockText(absl::Duration duration) {
  const std::int64_t seconds =
      std::max<std::int64_t>(0, absl::ToInt64Seconds(absl::Ceil(duration, absl::Seconds(1))));
  if (seconds < 3600) return absl::StrFormat("%d:%02d", seconds / 60, seconds % 60);
  return absl::StrFormat("%d:%02d:%02d", seconds / 3600, seconds / 60 % 60, seconds % 60);
}

ProgressLine LineOf(const Progress& progress) {
  return {TextOf(progress), progress.fraction(), static_cast<int>(progress.phase)};
}

std::string RenderBar(const ProgressLine& line, int columns) {
  const int room = columns - static_cast<int>(line.text.size()) - 3;  // two brackets and a space
  if (room < kNarrowestBar) {
    return line.text.substr(0, static_cast<std::size_t>(std::max(0, columns)));
  }
  const int width = std::min(room, kWidestBar);
  const int filled = static_cast<int>(line.fraction * width);
  return absl::StrCat("[", std::string(static_cast<std::size_t>(filled), '#'),
                      std::string(static_cast<std::size_t>(width - filled), '.'), "] ", line.text);
}

}  // namespace darkroom::cli
