#include "tests/integration/stack.h"

#include <signal.h>

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string>
#include <system_error>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "absl/time/clock.h"
#include "cli/up/programs.h"
#include "cli/up/redis_config.h"
#include "cli/up/supervisor.h"
#include "common/file.h"
#include "common/ids.h"
#include "common/sha256.h"
#include "common/status_macros.h"

namespace darkroom::testing {
namespace {

constexpr absl::Duration kStartPatience = absl::Seconds(60);
constexpr absl::Duration kStopPatience = absl::Seconds(10);
constexpr absl::Duration kProbeTimeout = absl::Seconds(1);
// Jobs of a second or two are gone on with as well.
constexpr char kSaveInterval[] = "200ms";
constexpr Part kStartOrder[] = {Part::kRedis, Part::kScheduler, Part::kWorker, Part::kGateway};

absl::Status PingRedis(const cli::HostPort& address) {
  DARKROOM_ASSIGN_OR_RETURN(const std::string answer,
                            cli::Exchange(address, "PING\r\n", kProbeTimeout));
  return absl::StartsWith(answer, "+PONG") ? absl::OkStatus() : absl::UnavailableError(answer);
}

// A gateway listens for it after it does for gRPC.
absl::Status CheckHttp(const cli::HostPort& address) {
  DARKROOM_ASSIGN_OR_RETURN(
      const std::string answer,
      cli::Exchange(address, "GET /healthz HTTP/1.1\r\nHost: h\r\n\r\n", kProbeTimeout));
  return absl::StartsWith(answer, "HTTP/1.1 200") ? absl::OkStatus()
                                                  : absl::UnavailableError(answer);
}

bool HoldsBackSigterm(const std::filesystem::path& thread) {
  std::ifstream status(thread / "status");
  for (std::string line; std::getline(status, line);) {
    absl::string_view mask = line;
    std::uint64_t blocked = 0;
    if (absl::ConsumePrefix(&mask, "SigBlk:") &&
        absl::SimpleHexAtoi(absl::StripAsciiWhitespace(mask), &blocked)) {
      return (blocked >> (SIGTERM - 1) & 1) != 0;
    }
  }
  return false;
}

// A process of ours holds SIGTERM back first of all (DrainSignal); before that, it would be its
// end. Its threads do so after it, also while the first one waits for the signal.
absl::Status CanBeAskedToStop(pid_t pid) {
  std::error_code gone;
  const std::filesystem::directory_iterator threads(absl::StrCat("/proc/", pid, "/task"), gone);
  if (!gone && std::any_of(begin(threads), end(threads),
                           [](const auto& thread) { return HoldsBackSigterm(thread.path()); })) {
    return absl::OkStatus();
  }
  return absl::UnavailableError(absl::StrCat("process ", pid, " has not begun, or has ended"));
}

}  // namespace

std::filesystem::path ProgramFolder() { return DARKROOM_PROGRAM_FOLDER; }

absl::Status Eventually(absl::Duration patience, const std::function<absl::Status()>& condition) {
  const absl::Time last = absl::Now() + patience;
  while (true) {
    absl::Status status = condition();
    if (status.ok() || absl::Now() > last) return status;
    absl::SleepFor(absl::Milliseconds(50));
  }
}

Stack::Stack(absl::Duration step, bool real, std::string model)
    : folder_(std::filesystem::temp_directory_path() / absl::StrCat("darkroom-", RandomId())),
      step_(step),
      real_(real),
      model_(std::move(model)) {
  for (const char* folder : {"redis", "Lora", "embeddings", "ESRGAN", "models"}) {
    std::filesystem::create_directories(folder_ / folder);
  }
}

Stack::~Stack() {
  for (const Part part : {Part::kGateway, Part::kWorker, Part::kScheduler, Part::kRedis}) {
    if (children_.contains(part)) Terminate(part, kStopPatience);
  }
  std::filesystem::remove_all(folder_);
}

absl::StatusOr<std::unique_ptr<Stack>> Stack::Start(absl::Duration step) {
  return Started(std::unique_ptr<Stack>(new Stack(step, false, "fake")));
}

absl::StatusOr<std::unique_ptr<Stack>> Stack::StartWithKeys(absl::Duration step) {
  std::unique_ptr<Stack> stack(new Stack(step, false, "fake"));
  const std::filesystem::path secrets = stack->folder() / "secrets";
  std::filesystem::create_directories(secrets);
  const std::string key = absl::StrCat(RandomId(), RandomId());
  DARKROOM_RETURN_IF_ERROR(WriteFileAtomically(secrets / "ops", key));
  DARKROOM_RETURN_IF_ERROR(WriteFileAtomically(
      secrets / "key_list", absl::StrCat("ops ", Sha256Hex(key), " standard admin\n")));
  DARKROOM_RETURN_IF_ERROR(
      WriteFileAtomically(secrets / "pepper", absl::StrCat(RandomId(), RandomId(), "\n")));
  DARKROOM_RETURN_IF_ERROR(WriteFileAtomically(
      secrets / "tiers",
      "[tiers.standard]\n[tiers.small]\nsteps = 5\nrequests_a_second = 0.0005\nburst = 2\n"));
  stack->key_file_ = secrets / "ops";
  stack->gateway_flags_ = {"--api_keys_file",   secrets / "key_list",
                           "--key_pepper_file", secrets / "pepper",
                           "--tiers",           secrets / "tiers"};
  return Started(std::move(stack));
}

absl::StatusOr<std::unique_ptr<Stack>> Stack::StartWithMetrics(absl::Duration step) {
  std::unique_ptr<Stack> stack(new Stack(step, false, "fake"));
  for (const Part part : {Part::kScheduler, Part::kWorker, Part::kGateway}) {
    DARKROOM_ASSIGN_OR_RETURN(stack->metrics_[part], cli::ReservePort({"127.0.0.1", 0}));
  }
  return Started(std::move(stack));
}

absl::StatusOr<std::unique_ptr<Stack>> Stack::StartWithTraces(absl::Duration step,
                                                              std::string collector) {
  std::unique_ptr<Stack> stack(new Stack(step, false, "fake"));
  stack->collector_ = std::move(collector);
  return Started(std::move(stack));
}

absl::StatusOr<std::unique_ptr<Stack>> Stack::StartReal(
    const std::function<void(const std::filesystem::path& models)>& fill, std::string model,
    std::vector<std::string> flags) {
  std::unique_ptr<Stack> stack(new Stack(absl::ZeroDuration(), true, std::move(model)));
  stack->worker_flags_ = std::move(flags);
  fill(stack->folder() / "models");
  return Started(std::move(stack));
}

absl::StatusOr<std::unique_ptr<Stack>> Stack::Started(std::unique_ptr<Stack> stack) {
  const absl::Status started = stack->StartAll();
  if (started.ok()) return stack;
  return absl::Status(started.code(), absl::StrCat(started.message(), "\n", stack->Logs()));
}

absl::string_view Stack::ProgramOf(Part part) const {
  switch (part) {
    case Part::kRedis:
      return "redis-server";
    case Part::kScheduler:
      return "darkroom-scheduler";
    case Part::kWorker:
      return real_ ? "darkroom-worker" : "darkroom-fake-worker";
    case Part::kGateway:
      return "darkroom-gateway";
  }
  return "";
}

absl::Status Stack::StartAll() {
  DARKROOM_ASSIGN_OR_RETURN(redis_, cli::ReservePort({"127.0.0.1", 0}));
  DARKROOM_ASSIGN_OR_RETURN(gateway_, cli::ReservePort({"127.0.0.1", 0}));
  DARKROOM_ASSIGN_OR_RETURN(http_, cli::ReservePort({"127.0.0.1", 0}));
  DARKROOM_RETURN_IF_ERROR(WriteFileAtomically(
      folder_ / "redis.conf", cli::RedisConfig({redis_.port, folder_ / "redis", "64mb", ""})));
  for (const Part part : kStartOrder) DARKROOM_RETURN_IF_ERROR(Run(part));
  DARKROOM_ASSIGN_OR_RETURN(connection_, cli::Connection::Open({address(), key_file_}));
  return AwaitReady();
}

absl::StatusOr<std::vector<std::string>> Stack::CommandLine(Part part) const {
  if (part == Part::kRedis) {
    DARKROOM_ASSIGN_OR_RETURN(const std::filesystem::path program, cli::FindRedisServer());
    return cli::RedisCommandLine(program, folder_ / "redis.conf", folder_ / "redis");
  }
  if (part == Part::kGateway) {
    std::vector<std::string> line = GatewayLine(gateway_);
    line.insert(line.end(), {"--http_listen", http_.ToString()});
    return line;
  }
  std::vector<std::string> line = {ProgramFolder() / std::string(ProgramOf(part)), "--redis",
                                   RedisOf(part)};
  if (part == Part::kWorker) {
    line.insert(line.end(), {"--loras", folder_ / "Lora", "--embeddings", folder_ / "embeddings",
                             "--upscalers", folder_ / "ESRGAN", "--save_interval", kSaveInterval});
    if (real_) {
      line.insert(line.end(), {"--models", folder_ / "models", "--threads", "1", "--tokenizer",
                               std::filesystem::absolute("tests/golden/tiny_model/tokenizer")});
      line.insert(line.end(), worker_flags_.begin(), worker_flags_.end());
    } else {
      line.insert(line.end(), {"--fake_row_ms", absl::StrCat(absl::ToInt64Milliseconds(step_)),
                               "--fake_model_id", model_, "--fake_nan_word", kPoisonedWord});
    }
  }
  return line;
}

std::vector<std::string> Stack::GatewayLine(const cli::HostPort& address) const {
  std::vector<std::string> line = {ProgramFolder() / "darkroom-gateway", "--redis",
                                   RedisOf(Part::kGateway), "--listen", address.ToString()};
  line.insert(line.end(), gateway_flags_.begin(), gateway_flags_.end());
  return line;
}

absl::StatusOr<cli::ChildProcess> Stack::StartGateway(const cli::HostPort& address) const {
  return cli::ChildProcess::Start({"darkroom-gateway", GatewayLine(address), Log(Part::kGateway)});
}

absl::StatusOr<cli::ChildProcess> Stack::StartWorker(const std::vector<std::string>& flags) const {
  DARKROOM_ASSIGN_OR_RETURN(std::vector<std::string> line, CommandLine(Part::kWorker));
  line.insert(line.end(), flags.begin(), flags.end());
  return cli::ChildProcess::Start({"darkroom-worker", std::move(line), Log(Part::kWorker)});
}

std::string Stack::RedisOf(Part part) const {
  const auto route = routes_.find(part);
  return route == routes_.end() ? redis_.ToString() : route->second.ToString();
}

std::filesystem::path Stack::Log(Part part) const {
  return folder_ / absl::StrCat(ProgramOf(part), ".log");
}

absl::Status Stack::Run(Part part) {
  DARKROOM_ASSIGN_OR_RETURN(std::vector<std::string> line, CommandLine(part));
  if (const auto metrics = metrics_.find(part); metrics != metrics_.end()) {
    line.insert(line.end(), {"--metrics_listen", metrics->second.ToString()});
  }
  if (!collector_.empty() && (part == Part::kGateway || part == Part::kWorker)) {
    line.insert(line.end(), {"--trace_endpoint", collector_});
  }
  DARKROOM_ASSIGN_OR_RETURN(
      cli::ChildProcess child,
      cli::ChildProcess::Start({std::string(ProgramOf(part)), std::move(line), Log(part)}));
  children_.erase(part);
  children_.emplace(part, std::move(child));
  if (part == Part::kRedis) {
    return Eventually(kStartPatience, [this] { return PingRedis(redis_); });
  }
  return Eventually(kStartPatience, [this, part] { return CanBeAskedToStop(pid(part)); });
}

absl::Status Stack::AwaitReady() {
  DARKROOM_RETURN_IF_ERROR(
      Eventually(kStartPatience, [this] { return connection_->CheckHealth(kProbeTimeout); }));
  DARKROOM_RETURN_IF_ERROR(Eventually(kStartPatience, [this] { return CheckHttp(http_); }));
  return Eventually(kStartPatience, [this]() -> absl::Status {
    DARKROOM_ASSIGN_OR_RETURN(const auto model, connection_->GetModel(model_));
    return model.workers() > 0 ? absl::OkStatus() : absl::UnavailableError("no worker");
  });
}

void Stack::Kill(Part part) {
  children_.at(part).Signal(SIGKILL);
  children_.at(part).Stop(absl::InfiniteDuration());
}
void Stack::Suspend(Part part) { children_.at(part).Signal(SIGSTOP); }
void Stack::Resume(Part part) { children_.at(part).Signal(SIGCONT); }
void Stack::AskToStop(Part part) { children_.at(part).Signal(SIGTERM); }
int Stack::AwaitEnd(Part part, absl::Duration patience) {
  cli::ChildProcess& child = children_.at(part);
  const absl::Status ended = Eventually(patience, [&child] {
    return child.Poll().has_value() ? absl::OkStatus() : absl::UnavailableError("it runs");
  });
  if (!ended.ok()) Kill(part);
  return child.Poll().value_or(0);
}
int Stack::Terminate(Part part, absl::Duration grace) { return children_.at(part).Stop(grace); }

std::string Stack::Logs() const {
  std::string logs;
  for (const Part part : kStartOrder) {
    absl::StrAppend(&logs, "--- ", ProgramOf(part), "\n", cli::LogTail(Log(part), 3000));
  }
  return logs;
}

}  // namespace darkroom::testing
