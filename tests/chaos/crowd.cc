#include "tests/chaos/crowd.h"

#include <map>
#include <random>
#include <stop_token>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "cli/chunk_assembler.h"
#include "cli/job_stream.h"
#include "common/ids.h"
#include "common/sha256.h"
#include "common/status_macros.h"

namespace darkroom::testing {
namespace {

namespace v1 = darkroom::v1;

// Longer than any fault lasts.
constexpr absl::Duration kPatience = absl::Minutes(2);
constexpr absl::Duration kPause = absl::Milliseconds(200);

chaos::Entry RefusalOf(const std::string& request, const absl::Status& status) {
  chaos::Entry entry;
  entry.mutable_refused()->set_request(request);
  entry.mutable_refused()->set_code(absl::StatusCodeToString(status.code()));
  return entry;
}

}  // namespace

Crowd::Crowd(std::vector<cli::Connection*> connections, History* history, int clients,
             std::uint32_t seed)
    : connections_(std::move(connections)), history_(history) {
  for (int client = 0; client < clients; ++client) {
    threads_.emplace_back([this, client, seed] { RunClient(client, seed + client); });
  }
}

Crowd::~Crowd() {
  broken_off_.request_stop();
  Finish();
}

void Crowd::Finish() {
  stopping_ = true;
  for (std::thread& thread : threads_) {
    if (thread.joinable()) thread.join();
  }
}

void Crowd::RunClient(int client, std::uint32_t seed) {
  std::mt19937 random(seed);
  while (!stopping_) {
    cli::Connection& first = *connections_[client % connections_.size()];
    cli::Connection& second = *connections_[(client + 1) % connections_.size()];
    const std::string job = Submit(first, random());
    if (job.empty()) continue;
    std::thread beside([&] { Watch(second, job); });
    Watch(first, job);
    beside.join();
  }
}

std::string Crowd::Submit(cli::Connection& connection, std::uint32_t number) {
  v1::CreateJobRequest request;
  request.set_request_id(RandomId());
  v1::ImageParameters& parameters = *request.mutable_parameters();
  parameters.set_prompt(absl::StrCat(kCrowdPrompt, ", ", number));
  parameters.set_model("models/fake");
  parameters.set_steps(5 + static_cast<int>(number % 20));
  parameters.set_image_count(1 + static_cast<int>(number % 2));
  const absl::Time last = absl::Now() + kPatience;
  while (!broken_off_.stop_requested() && absl::Now() < last) {
    const absl::StatusOr<v1::Job> job = connection.jobs().Create(request);
    chaos::Entry entry;
    if (job.ok()) {
      entry.mutable_acknowledged()->set_request(request.request_id());
      entry.mutable_acknowledged()->set_job(job->name());
      entry.mutable_acknowledged()->set_images(parameters.image_count());
      history_->Add(std::move(entry));
      return job->name();
    }
    history_->Add(RefusalOf(request.request_id(), job.status()));
    absl::SleepFor(kPause);
  }
  return "";
}

void Crowd::Watch(cli::Connection& connection, const std::string& job) {
  const int watcher = ++watchers_;
  cli::ResumePolicy policy;
  policy.longest_delay = absl::Milliseconds(500);
  policy.watch_patience = kPatience;
  cli::JobStream stream(connection.jobs(), policy, broken_off_.get_token());
  v1::WatchJobRequest request;
  request.set_name(job);
  cli::ChunkAssembler chunks;
  std::map<int, std::string> digests;  // of each image; one that comes again is the newer
  const absl::Status status = stream.Watch(request, [&](const v1::JobEvent& event) -> absl::Status {
    if (event.has_image_chunk()) {
      DARKROOM_ASSIGN_OR_RETURN(const auto picture, chunks.Add(event.image_chunk()));
      if (picture.has_value()) digests[picture->image.index()] = Sha256Hex(picture->bytes);
    }
    chaos::Entry entry;
    entry.mutable_seen()->set_watcher(watcher);
    v1::JobEvent& seen = *entry.mutable_seen()->mutable_event();
    seen = event;
    if (seen.has_image_chunk()) seen.mutable_image_chunk()->clear_data();
    if (seen.has_preview()) seen.mutable_preview()->clear_data();
    history_->Add(std::move(entry));
    return absl::OkStatus();
  });
  chaos::Entry entry;
  entry.mutable_watched()->set_watcher(watcher);
  entry.mutable_watched()->set_job(job);
  if (!status.ok()) entry.mutable_watched()->set_error(status.ToString());
  for (const auto& [image, digest] : digests) entry.mutable_watched()->add_sha256(digest);
  history_->Add(std::move(entry));
}

}  // namespace darkroom::testing
