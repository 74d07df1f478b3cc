#include "cli/load/load_run.h"

#include <algorithm>
#include <atomic>
#include <optional>
#include <thread>
#include <utility>

#include "absl/time/clock.h"
#include "cli/job_stream.h"
#include "cli/job_text.h"
#include "cli/rpc_status.h"
#include "common/ids.h"
#include "common/mutex.h"

namespace darkroom::cli {
namespace {

using End = LoadResult::End;

// Between two looks at whether it is to stop.
constexpr absl::Duration kNap = absl::Milliseconds(100);

void SleepUntil(absl::Time when, const std::stop_token& stop) {
  while (!stop.stop_requested() && absl::Now() < when) {
    absl::SleepFor(std::min(kNap, when - absl::Now()));
  }
}

// Asks for one job and fills in what became of it.
void Follow(JobApi& api, const v1::GenerateImageRequest& request, absl::Time due,
            const std::stop_token& stop, LoadResult& result) {
  JobStream stream(api, ResumePolicy(), stop);
  v1::Job job;
  const absl::Status status =
      stream.Generate(request, absl::InfiniteFuture(), [&](const v1::JobEvent& event) {
        const absl::Duration since = absl::Now() - due;
        if (event.has_started()) result.wait = std::min(result.wait, since);
        if (event.has_finished()) {
          result.total = since;
          job = event.finished().job();
        }
        return absl::OkStatus();
      });
  if (!status.ok()) {
    result.end = stream.job().empty() && !stop.stop_requested() ? End::kRefused : End::kLost;
    result.reason = ReasonOf(status);
  } else if (job.state() == v1::JOB_STATE_SUCCEEDED) {
    result.end = End::kSucceeded;
  } else {
    result.end = End::kFailed;
    result.reason = job.has_error() ? ReasonOf(job.error()) : StateText(job.state());
  }
}

}  // namespace

std::vector<LoadResult> RunLoad(const LoadPlan& plan, const std::vector<LoadTenant>& tenants,
                                int most_open, const std::stop_token& stop) {
  const std::vector<Arrival> arrivals = PlanArrivals(plan);
  std::vector<LoadResult> results(arrivals.size());
  std::vector<std::thread> threads;
  std::atomic<int> open = 0;
  const absl::Time start = absl::Now();
  for (std::size_t i = 0; i < arrivals.size(); ++i) {
    const Arrival& arrival = arrivals[i];
    LoadResult& result = results[i];
    result.tenant = tenants[arrival.tenant].name;
    result.kind = plan.kinds[arrival.kind].name;
    result.due = arrival.at;
    const absl::Time due = start + arrival.at;
    SleepUntil(due, stop);
    if (stop.stop_requested() || open >= most_open) {
      result.end = End::kUnsent;
      continue;
    }
    v1::GenerateImageRequest request;
    request.set_request_id(RandomId());
    *request.mutable_parameters() = plan.kinds[arrival.kind].parameters;
    ++open;
    threads.emplace_back(
        [&, due, request = std::move(request), &api = tenants[arrival.tenant].connection->jobs()] {
          Follow(api, request, due, stop, result);
          --open;
        });
  }
  for (std::thread& thread : threads) thread.join();
  return results;
}

}  // namespace darkroom::cli
