#include "tests/chaos/rig.h"

#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "absl/time/clock.h"
#include "common/status_macros.h"
#include "tests/chaos/check_history.h"

namespace darkroom::testing {
namespace {

namespace v1 = darkroom::v1;

constexpr absl::Duration kStep = absl::Milliseconds(10);
constexpr absl::Duration kGone = absl::Seconds(1);  // between a death and the next start
constexpr absl::Duration kRedisPatience = absl::Seconds(5);
constexpr absl::Duration kCountPatience = absl::Seconds(30);
constexpr int kClients = 6;

}  // namespace

absl::StatusOr<std::unique_ptr<Rig>> Rig::Start(const std::filesystem::path& history,
                                                std::uint32_t seed) {
  std::unique_ptr<Rig> rig(new Rig(history, seed));
  DARKROOM_RETURN_IF_ERROR(rig->StartAll());
  return rig;
}

absl::Status Rig::StartAll() {
  DARKROOM_ASSIGN_OR_RETURN(stack_, Stack::Start(kStep));
  DARKROOM_ASSIGN_OR_RETURN(cli::ChildProcess worker, stack_->StartWorker());
  DARKROOM_ASSIGN_OR_RETURN(const cli::HostPort address, cli::ReservePort({"127.0.0.1", 0}));
  DARKROOM_ASSIGN_OR_RETURN(cli::ChildProcess gateway, stack_->StartGateway(address));
  seconds_.push_back(std::move(worker));
  seconds_.push_back(std::move(gateway));
  worker_link_ = std::make_unique<TcpProxy>(stack_->redis());
  gateway_link_ = std::make_unique<TcpProxy>(stack_->redis());
  stack_->Route(Part::kWorker, worker_link_->address());
  stack_->Route(Part::kGateway, gateway_link_->address());
  for (const Part part : {Part::kWorker, Part::kGateway}) {
    DARKROOM_RETURN_IF_ERROR(Restart(part));
  }
  DARKROOM_RETURN_IF_ERROR(stack_->AwaitReady());
  DARKROOM_ASSIGN_OR_RETURN(second_gateway_, cli::Connection::Open({address.ToString(), ""}));
  crowd_ = std::make_unique<Crowd>(
      std::vector<cli::Connection*>{&stack_->connection(), second_gateway_.get()}, &history_,
      kClients, seed_);
  return absl::OkStatus();
}

absl::Status Rig::Restart(Part part) {
  stack_->Kill(part);
  absl::SleepFor(kGone);
  return stack_->Run(part);
}

absl::StatusOr<std::string> Rig::AskRedis(absl::string_view command) {
  return cli::Exchange(stack_->redis(), absl::StrCat(command, "\r\n"), kRedisPatience);
}

absl::Status Rig::Count(chaos::Census& census) {
  v1::ListJobsRequest request;
  do {
    DARKROOM_ASSIGN_OR_RETURN(const v1::ListJobsResponse page,
                              second_gateway_->jobs().List(request));
    census.mutable_jobs()->MergeFrom(page.jobs());
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty());
  const auto count = [this](absl::string_view command) -> absl::StatusOr<std::int64_t> {
    DARKROOM_ASSIGN_OR_RETURN(const std::string answer, AskRedis(command));
    std::int64_t size = 0;
    if (!absl::SimpleAtoi(absl::StripPrefix(answer, ":"), &size)) {
      return absl::UnavailableError(answer);
    }
    return size;
  };
  DARKROOM_ASSIGN_OR_RETURN(const std::int64_t queued, count("ZCARD dr:{default}:queued"));
  DARKROOM_ASSIGN_OR_RETURN(const std::int64_t leases, count("ZCARD dr:{default}:leases"));
  DARKROOM_ASSIGN_OR_RETURN(const std::int64_t running, count("HLEN dr:{default}:running"));
  DARKROOM_ASSIGN_OR_RETURN(const std::int64_t waiting, count("HLEN dr:{default}:waiting"));
  DARKROOM_ASSIGN_OR_RETURN(const std::int64_t ended, count("ZCARD dr:{default}:ended"));
  census.set_queued(queued);
  census.set_leases(leases);
  census.set_running(running);
  census.set_waiting(waiting);
  census.set_ended(ended);
  return absl::OkStatus();
}

std::vector<std::string> Rig::Finish() {
  crowd_->Finish();
  chaos::Entry entry;
  const absl::Status counted = Eventually(kCountPatience, [&] {
    entry.Clear();
    return Count(*entry.mutable_census());
  });
  if (!counted.ok()) return {absl::StrCat("the store cannot be counted: ", counted.ToString())};
  history_.Add(std::move(entry));
  return Violations(history_.entries());
}

}  // namespace darkroom::testing
