#include "tests/integration/recording.h"

#include <algorithm>
#include <map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "cli/job_stream.h"
#include "common/ids.h"
#include "server/testing/event_order.h"

namespace darkroom::testing {
namespace {

constexpr absl::Duration kPatience = absl::Seconds(60);

cli::ResumePolicy Patient() {
  cli::ResumePolicy policy;
  policy.longest_delay = absl::Milliseconds(500);
  policy.watch_patience = kPatience;
  return policy;
}

}  // namespace

v1::GenerateImageRequest PictureRequest(int steps) {
  v1::GenerateImageRequest request;
  request.set_request_id(RandomId());
  request.mutable_parameters()->set_prompt("a red apple");
  request.mutable_parameters()->set_model("models/fake");
  request.mutable_parameters()->set_steps(steps);
  return request;
}

Recording::Recording(cli::JobApi& api, const v1::GenerateImageRequest& request)
    : thread_([this, &api, request] {
        cli::JobStream stream(api, Patient(), stop_.get_token());
        Finish(stream.Generate(request, absl::InfiniteFuture(),
                               [this](const v1::JobEvent& event) { return Keep(event); }));
      }) {}

Recording::Recording(cli::JobApi& api, const std::string& job)
    : thread_([this, &api, job] {
        cli::JobStream stream(api, Patient(), stop_.get_token());
        v1::WatchJobRequest request;
        request.set_name(job);
        Finish(stream.Watch(request, [this](const v1::JobEvent& event) { return Keep(event); }));
      }) {}

Recording::~Recording() {
  stop_.request_stop();
  if (thread_.joinable()) thread_.join();
}

absl::Status Recording::Keep(const v1::JobEvent& event) {
  MutexLock lock(&mutex_);
  arriving_.push_back(event);
  return absl::OkStatus();
}

void Recording::Finish(absl::Status status) {
  MutexLock lock(&mutex_);
  status_ = std::move(status);
  done_ = true;
}

bool Recording::Await(v1::JobEvent::KindCase kind) {
  const auto has_come = [&]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    return std::any_of(arriving_.begin(), arriving_.end(),
                       [kind](const v1::JobEvent& event) { return event.kind_case() == kind; });
  };
  const auto settled = [&]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return done_ || has_come(); };
  MutexLock lock(&mutex_);
  mutex_.AwaitWithTimeout(settled, kPatience);
  return has_come();
}

std::string Recording::job() {
  MutexLock lock(&mutex_);
  return arriving_.empty() ? "" : arriving_.front().job();
}

absl::Status Recording::Join() {
  if (thread_.joinable()) thread_.join();
  MutexLock lock(&mutex_);
  events_ = arriving_;
  return status_;
}

v1::Job Recording::end() const {
  return events_.empty() ? v1::Job() : events_.back().finished().job();
}

absl::Status Recording::CheckGapFree() const {
  std::int64_t last = 0;
  for (const v1::JobEvent& event : events_) {
    if (!server::Follows(last, event)) {
      return absl::DataLossError(
          absl::StrCat(event.ShortDebugString().substr(0, 200), " came after sequence ", last));
    }
    last = event.sequence();
  }
  return absl::OkStatus();
}

int Recording::Count(v1::JobEvent::KindCase kind) const {
  return static_cast<int>(
      std::count_if(events_.begin(), events_.end(),
                    [kind](const v1::JobEvent& event) { return event.kind_case() == kind; }));
}

std::vector<std::string> Recording::Images() const {
  std::map<int, std::string> by_index;
  for (const v1::JobEvent& event : events_) {
    if (!event.has_image_chunk()) continue;
    std::string& bytes = by_index[event.image_chunk().image().index()];
    bytes.resize(static_cast<std::size_t>(event.image_chunk().offset()));
    bytes += event.image_chunk().data();
  }
  std::vector<std::string> images;
  for (auto& [index, bytes] : by_index) images.push_back(std::move(bytes));
  return images;
}

}  // namespace darkroom::testing
