#include "cli/generation.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/clock.h"
#include "cli/console.h"
#include "cli/job_follower.h"
#include "cli/job_stream.h"
#include "cli/job_text.h"
#include "cli/picture_writer.h"
#include "cli/rpc_status.h"

namespace darkroom::cli {
namespace {

// Cancels the job of an interrupted request. Before its first event the job has no name here: then
// the same request_id, sent again, finds it.
ExitCode CancelJob(JobApi& api, const v1::GenerateImageRequest& request, std::string name) {
  if (name.empty()) {
    v1::CreateJobRequest again;
    *again.mutable_parameters() = request.parameters();
    again.set_request_id(request.request_id());
    absl::StatusOr<v1::Job> job = api.Create(again);
    if (job.ok()) name = job->name();
  }
  if (name.empty()) {
    PrintNote("interrupted");
  } else if (const absl::StatusOr<v1::Job> job = api.Cancel(name); !job.ok()) {
    PrintNote(
        absl::StrCat("interrupted; ", name, " could not be cancelled: ", job.status().message()));
  } else {
    PrintNote(absl::StrCat("interrupted; cancelled ", name));
  }
  return ExitCode::kInterrupted;
}

// What tells the job's pictures from others.
std::string SeedText(const v1::Job& job) {
  if (job.parameters().has_upscale()) {
    return job.images().empty() ? "upscaling"
                                : absl::StrCat(job.images(0).width(), "x", job.images(0).height());
  }
  std::vector<std::string> seeds;
  for (const v1::Image& image : job.images()) seeds.push_back(absl::StrCat(image.seed()));
  if (seeds.empty()) seeds.push_back(absl::StrCat(job.parameters().seed()));
  return absl::StrCat(seeds.size() == 1 ? "seed " : "seeds ", absl::StrJoin(seeds, ", "));
}

ExitCode ReportJob(const v1::Job& job, const std::vector<std::string>& files,
                   const std::string& trace_id, const GenerateOptions& options) {
  if (options.json) {
    PrintResult(JobJson(job, files, trace_id));
  } else {
    for (const std::string& file : files) PrintResult(file);
  }
  if (job.state() == v1::JOB_STATE_SUCCEEDED) {
    PrintNote(absl::StrCat(SeedText(job), ", ", job.name()));
  } else {
    PrintNote(absl::StrCat("darkroom: ", job.name(), " ", StateText(job.state()),
                           job.has_error() ? ": " + ErrorText(job.error()) : ""));
  }
  if (options.trace) PrintNote(absl::StrCat("trace ", trace_id));
  return ExitCodeOf(job);
}

}  // namespace

ExitCode GeneratePictures(JobApi& api, absl::string_view server,
                          const v1::GenerateImageRequest& request, const GenerateOptions& options,
                          std::stop_token stop) {
  const PictureWriter writer(options.out);
  if (const absl::Status writable = writer.Prepare(); !writable.ok()) return FailLocally(writable);

  JobFollower follower;
  JobStream stream(api, follower.Resuming(), stop);
  absl::Status status =
      stream.Generate(request, absl::Now() + options.timeout,
                      [&](const v1::JobEvent& event) { return follower.Handle(event); });
  follower.Clear();
  if (stop.stop_requested() && !status.ok()) return CancelJob(api, request, stream.job());
  if (status.ok()) status = follower.CheckComplete();
  if (!status.ok()) {
    const ExitCode code = Fail(status, server);
    if (!stream.job().empty()) {
      PrintNote(absl::StrCat("  The job goes on: darkroom get ", stream.job()));
    }
    return code;
  }
  const absl::StatusOr<std::vector<std::string>> files = follower.Save(writer);
  if (!files.ok()) {
    PrintNote(absl::StrCat("The server keeps the pictures: darkroom get ", stream.job()));
    return FailLocally(files.status());
  }
  return ReportJob(follower.job(), *files, stream.trace_id(), options);
}

ExitCode ForeseePictures(JobApi& api, absl::string_view server,
                         const v1::GenerateImageRequest& request, bool json) {
  v1::CreateJobRequest foreseen;
  *foreseen.mutable_parameters() = request.parameters();
  foreseen.set_request_id(request.request_id());
  foreseen.set_validate_only(true);
  const absl::StatusOr<v1::Job> job = api.Create(foreseen);
  if (!job.ok()) return Fail(job.status(), server);
  PrintResult(json ? JobJson(*job, {}) : JobText(*job));
  return ExitCode::kDone;
}

}  // namespace darkroom::cli
