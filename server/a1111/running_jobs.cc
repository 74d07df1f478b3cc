#include "server/a1111/running_jobs.h"

#include <algorithm>
#include <utility>

#include "absl/algorithm/container.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "server/a1111/picture_answer.h"
#include "server/a1111/values.h"
#include "server/http/json.h"

namespace darkroom::server::a1111 {
namespace {

// What AUTOMATIC1111 says of a job before its first step. Clients take 0 for none.
constexpr double kBegun = 0.01;

double ShareDone(const RunningJob& job) {
  if (job.steps == 0) return kBegun;
  return std::clamp(double{1} * job.step / job.steps, kBegun, double{1});
}

}  // namespace

void RunningJob::Note(const darkroom::v1::JobEvent& event) {
  name = event.job();
  if (event.has_queued()) place = event.queued().position();
  if (event.has_started()) place = -1;
  if (event.has_progress()) {
    step = event.progress().step();
    steps = event.progress().steps();
    left = absl::Seconds(event.progress().time_left().seconds()) +
           absl::Nanoseconds(event.progress().time_left().nanos());
  }
  if (event.has_preview()) preview = event.preview().data();
}

std::shared_ptr<RunningJob> RunningJobs::Add(std::string owner, std::string task, absl::Time now) {
  jobs_.erase(
      std::remove_if(jobs_.begin(), jobs_.end(), [](const auto& job) { return job.expired(); }),
      jobs_.end());
  auto job = std::make_shared<RunningJob>();
  job->owner = std::move(owner);
  job->task = std::move(task);
  job->start = now;
  jobs_.push_back(job);
  return job;
}

std::shared_ptr<RunningJob> RunningJobs::Find(absl::string_view owner, absl::string_view task) {
  for (auto job = jobs_.rbegin(); job != jobs_.rend(); ++job) {
    auto found = job->lock();
    if (found != nullptr && found->owner == owner && (task.empty() || found->task == task)) {
      return found;
    }
  }
  return nullptr;
}

std::string ProgressJson(const RunningJob* job, bool with_image) {
  const bool runs = job != nullptr;
  const bool pictured = runs && with_image && !job->preview.empty();
  const bool waits = runs && job->place >= 0;
  const bool interrupted = runs && job->interrupted;
  return http::ToJson(
      Object({{"progress", Number(runs ? ShareDone(*job) : 0)},
              {"eta_relative", Number(runs ? absl::ToDoubleSeconds(job->left) : 0)},
              {"state", Object({{"skipped", Flag(false)},
                                {"interrupted", Flag(interrupted)},
                                {"stopping_generation", Flag(interrupted)},
                                {"job", Text(runs ? job->task : "")},
                                {"job_count", Number(runs ? 1 : 0)},
                                {"job_timestamp", Text(runs ? Timestamp(job->start) : "0")},
                                {"job_no", Number(0)},
                                {"sampling_step", Number(runs ? job->step : 0)},
                                {"sampling_steps", Number(runs ? job->steps : 0)}})},
              {"current_image", pictured ? Text(absl::Base64Escape(job->preview)) : Null()},
              {"textinfo",
               waits ? Text(absl::StrCat("Waiting, behind ", job->place, " others")) : Null()}}));
}

}  // namespace darkroom::server::a1111
