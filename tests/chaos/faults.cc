#include "tests/chaos/faults.h"

#include <signal.h>
#include <sys/resource.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <random>
#include <string>
#include <vector>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/ids.h"
#include "common/status_macros.h"
#include "google/rpc/error_details.pb.h"

namespace darkroom::testing {
namespace {

namespace v1 = darkroom::v1;

constexpr absl::Duration kGrace = absl::Seconds(30);
// Leases of 15 s lapse meanwhile.
constexpr absl::Duration kLongerThanALease = absl::Seconds(18);
constexpr absl::Duration kFewSeconds = absl::Seconds(4);
constexpr absl::Duration kReplyPatience = absl::Seconds(20);
constexpr absl::Duration kEndPatience = absl::Seconds(60);  // a lease lapses meanwhile

absl::Status KillWorker(Rig& rig) { return rig.Restart(Part::kWorker); }
absl::Status KillGateway(Rig& rig) { return rig.Restart(Part::kGateway); }
absl::Status KillScheduler(Rig& rig) { return rig.Restart(Part::kScheduler); }
absl::Status KillRedis(Rig& rig) { return rig.Restart(Part::kRedis); }

absl::Status Suspend(Rig& rig, Part part, absl::Duration length) {
  rig.stack().Suspend(part);
  absl::SleepFor(length);
  rig.stack().Resume(part);
  return absl::OkStatus();
}

// Its late writes come under a fence that is no longer the newest.
absl::Status SuspendWorker(Rig& rig) { return Suspend(rig, Part::kWorker, kLongerThanALease); }
absl::Status SuspendRedis(Rig& rig) { return Suspend(rig, Part::kRedis, kFewSeconds); }

absl::Status Terminate(Rig& rig, Part part) {
  const int status = rig.stack().Terminate(part, kGrace);
  if (status != 0) return absl::InternalError(cli::ExitText(status));
  return rig.stack().Run(part);
}
absl::Status TerminateWorker(Rig& rig) { return Terminate(rig, Part::kWorker); }
absl::Status TerminateGateway(Rig& rig) { return Terminate(rig, Part::kGateway); }

absl::Status AwaitLostReply(const TcpProxy& link, int before) {
  return Eventually(kReplyPatience, [&] {
    return link.lost_replies() > before ? absl::OkStatus()
                                        : absl::DeadlineExceededError("no reply was lost");
  });
}

absl::Status LoseReplyOfSubmission(Rig& rig) {
  const int before = rig.gateway_link().lost_replies();
  rig.gateway_link().LoseReplyTo(kCrowdPrompt);
  return AwaitLostReply(rig.gateway_link(), before);
}

absl::Status LoseReplyOfLease(Rig& rig) {
  const int before = rig.worker_link().lost_replies();
  rig.worker_link().LoseReplyWith(kCrowdPrompt);
  return AwaitLostReply(rig.worker_link(), before);
}

// The picture is in the store, and its job's end is not.
absl::Status KillWorkerBetweenPictureAndEnd(Rig& rig) {
  const int before = rig.worker_link().lost_replies();
  rig.worker_link().LoseReplyTo("IHDR");
  DARKROOM_RETURN_IF_ERROR(AwaitLostReply(rig.worker_link(), before));
  return rig.Restart(Part::kWorker);
}

absl::Status CutWorkerOff(Rig& rig) {
  rig.worker_link().Cut();
  absl::SleepFor(kLongerThanALease);
  rig.worker_link().Mend();
  return absl::OkStatus();
}

absl::Status DisturbBothLinks(Rig& rig) {
  for (TcpProxy* link : {&rig.worker_link(), &rig.gateway_link()}) {
    link->Disturb(absl::Milliseconds(100), 0.05, rig.random()());
  }
  absl::SleepFor(2 * kFewSeconds);
  for (TcpProxy* link : {&rig.worker_link(), &rig.gateway_link()}) link->Mend();
  return absl::OkStatus();
}

absl::Status KillSubscriptions(Rig& rig) {
  for (int i = 0; i < 5; ++i) {
    DARKROOM_RETURN_IF_ERROR(rig.AskRedis("CLIENT KILL TYPE pubsub").status());
    absl::SleepFor(absl::Milliseconds(500));
  }
  return absl::OkStatus();
}

absl::Status ForgetScripts(Rig& rig) { return rig.AskRedis("FUNCTION FLUSH").status(); }

absl::Status RunOutOfMemory(Rig& rig) {
  DARKROOM_RETURN_IF_ERROR(rig.AskRedis("CONFIG SET maxmemory 1").status());
  absl::SleepFor(kFewSeconds);
  return rig.AskRedis("CONFIG SET maxmemory 64mb").status();
}

// As a machine that lost its power in the middle of a script leaves it. What a second start finds
// is the log as it was mended and written on.
absl::Status TearLog(Rig& rig) {
  rig.stack().Kill(Part::kRedis);
  std::filesystem::path newest;
  for (const auto& entry :
       std::filesystem::directory_iterator(rig.stack().folder() / "redis" / "appendonlydir")) {
    if (entry.path().extension() == ".aof" && entry.path() > newest) newest = entry.path();
  }
  std::ofstream(newest, std::ios::app) << "*1\r\n$5\r\nMULTI\r\n"
                                       << "*3\r\n$3\r\nSET\r\n$4\r\ntorn\r\n$1\r\n1\r\n"
                                       << "*3\r\n$3\r\nSET\r\n$20\r\nhalf a ";
  DARKROOM_RETURN_IF_ERROR(rig.stack().Run(Part::kRedis));
  absl::SleepFor(kFewSeconds);
  DARKROOM_RETURN_IF_ERROR(rig.Restart(Part::kRedis));
  DARKROOM_ASSIGN_OR_RETURN(const std::string found, rig.AskRedis("EXISTS torn"));
  return found == ":0\r\n" ? absl::OkStatus()
                           : absl::DataLossError("half of a script was carried out");
}

// No file of Redis may grow beyond its log as it is now, and a little more.
absl::Status FillDisk(Rig& rig) {
  std::uintmax_t largest = 0;
  const std::filesystem::path folder = rig.stack().folder() / "redis";
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    if (entry.is_regular_file()) largest = std::max(largest, entry.file_size());
  }
  const rlimit full{largest + 4096, largest + 4096};
  if (prlimit(rig.stack().pid(Part::kRedis), RLIMIT_FSIZE, &full, nullptr) != 0) {
    return absl::InternalError(absl::StrCat("prlimit: ", std::strerror(errno)));
  }
  absl::SleepFor(kFewSeconds);
  return rig.Restart(Part::kRedis);
}

absl::StatusOr<std::int64_t> ResidentPages(pid_t pid) {
  std::ifstream statm(absl::StrCat("/proc/", pid, "/statm"));
  std::int64_t size = 0;
  std::int64_t resident = 0;
  if (!(statm >> size >> resident)) return absl::NotFoundError("no memory of the gateway");
  return resident;
}

// Watchers that go away in mid-stream, one after the other; as many before warm the gateway up.
absl::Status WatchAndLeave(Rig& rig) {
  constexpr int kWatchers = 1000;
  constexpr std::int64_t kPagesForAll = 2000;  // 8 MiB: 8 KiB that each would leave behind
  cli::JobApi& jobs = rig.stack().connection().jobs();
  v1::CreateJobRequest request;
  request.set_request_id(RandomId());
  request.mutable_parameters()->set_model("models/fake");
  request.mutable_parameters()->set_steps(1);
  DARKROOM_ASSIGN_OR_RETURN(const v1::Job job, jobs.Create(request));
  v1::WatchJobRequest watch;
  watch.set_name(job.name());
  std::int64_t before = 0;
  for (int i = -kWatchers; i < kWatchers; ++i) {
    if (i == 0) {
      DARKROOM_ASSIGN_OR_RETURN(before, ResidentPages(rig.stack().pid(Part::kGateway)));
    }
    const auto reader = jobs.Watch(watch, absl::InfiniteFuture());
    v1::JobEvent event;
    reader->Read(event);
    reader->Cancel();
    (void)reader->Finish();  // CANCELLED, or OK where the job had ended
  }
  DARKROOM_ASSIGN_OR_RETURN(const std::int64_t after,
                            ResidentPages(rig.stack().pid(Part::kGateway)));
  if (after - before < kPagesForAll) return absl::OkStatus();
  return absl::InternalError(absl::StrCat("the gateway grew by ", after - before, " pages"));
}

void Acknowledge(Rig& rig, const std::string& request, const v1::Job& job, int images) {
  chaos::Entry entry;
  entry.mutable_acknowledged()->set_request(request);
  entry.mutable_acknowledged()->set_job(job.name());
  entry.mutable_acknowledged()->set_images(images);
  rig.history().Add(std::move(entry));
}

// Follows a job to its end, with the rig's worker killed once it is at its 100th step, and the
// other worker, which sleeps, woken once it has begun. Returns the first step of its second
// attempt, or 0 when the killed worker did not have it.
absl::StatusOr<int> KillWorkerAtStepOf(Rig& rig, const std::string& job) {
  constexpr int kLate = 100;
  v1::WatchJobRequest watch;
  watch.set_name(job);
  const auto reader = rig.stack().connection().jobs().Watch(watch, absl::InfiniteFuture());
  int attempts = 0;
  int again_from = 0;
  bool killed = false;
  v1::JobEvent event;
  while (reader->Read(event)) {
    if (event.has_started()) {
      ++attempts;
      rig.second_worker().Signal(SIGCONT);
    }
    if (!event.has_progress()) continue;
    const int step = event.progress().step();
    if (attempts == 1 && step >= kLate && !killed) {
      DARKROOM_RETURN_IF_ERROR(rig.Restart(Part::kWorker));
      killed = true;
    } else if (attempts == 2 && again_from == 0) {
      again_from = step;
    }
  }
  DARKROOM_RETURN_IF_ERROR(reader->Finish());
  return again_from;
}

// What the worker has saved of its job is gone on from, by whoever takes it.
absl::Status KillWorkerLateInAJob(Rig& rig) {
  constexpr int kTries = 5;  // the other worker may have asked for a job before it fell asleep
  constexpr int kImages = 4;
  constexpr int kSavedBy = 50;  // of the 100 steps that had been made
  for (int i = 0; i < kTries; ++i) {
    rig.second_worker().Signal(SIGSTOP);
    const absl::Cleanup wake = [&rig] { rig.second_worker().Signal(SIGCONT); };
    v1::CreateJobRequest request;
    request.set_request_id(RandomId());
    request.mutable_parameters()->set_prompt("late");
    request.mutable_parameters()->set_model("models/fake");
    request.mutable_parameters()->set_steps(150);
    request.mutable_parameters()->set_image_count(kImages);
    DARKROOM_ASSIGN_OR_RETURN(const v1::Job job, rig.stack().connection().jobs().Create(request));
    Acknowledge(rig, request.request_id(), job, kImages);
    DARKROOM_ASSIGN_OR_RETURN(const int step, KillWorkerAtStepOf(rig, job.name()));
    if (step > kSavedBy) return absl::OkStatus();
    if (step > 0) return absl::InternalError(absl::StrCat("a job went on at step ", step));
  }
  return absl::InternalError("the worker had none of the jobs");
}

// A client that changes its mind at any moment; its jobs are judged by the census.
absl::Status CancelAtOnce(Rig& rig) {
  cli::JobApi& jobs = rig.stack().connection().jobs();
  for (int i = 0; i < 50; ++i) {
    v1::CreateJobRequest request;
    request.set_request_id(RandomId());
    request.mutable_parameters()->set_prompt("cancelled");
    request.mutable_parameters()->set_model("models/fake");
    request.mutable_parameters()->set_steps(3);
    DARKROOM_ASSIGN_OR_RETURN(const v1::Job job, jobs.Create(request));
    Acknowledge(rig, request.request_id(), job, 1);
    absl::SleepFor(absl::Milliseconds(std::uniform_int_distribution<int>(0, 60)(rig.random())));
    DARKROOM_RETURN_IF_ERROR(jobs.Cancel(job.name()).status());
  }
  return absl::OkStatus();
}

absl::StatusOr<std::string> Ask(Rig& rig, const std::string& model, const std::string& prompt) {
  v1::CreateJobRequest request;
  request.set_request_id(RandomId());
  request.mutable_parameters()->set_prompt(prompt);
  request.mutable_parameters()->set_model(model);
  request.mutable_parameters()->set_steps(20);
  DARKROOM_ASSIGN_OR_RETURN(const v1::Job job, rig.stack().connection().jobs().Create(request));
  return job.name();
}

// Waits until the job is in this state after so many attempts, and has failed, if so, for this
// reason.
absl::Status AwaitState(Rig& rig, const std::string& name, v1::JobState state, int attempts,
                        absl::string_view reason = "") {
  return Eventually(kEndPatience, [&]() -> absl::Status {
    DARKROOM_ASSIGN_OR_RETURN(const v1::Job job, rig.stack().connection().jobs().Get(name));
    google::rpc::ErrorInfo info;
    if (job.error().details_size() > 0) job.error().details(0).UnpackTo(&info);
    if (job.state() == state && job.attempts() == attempts && info.reason() == reason) {
      return absl::OkStatus();
    }
    return absl::InternalError(absl::StrCat(name, " is ", v1::JobState_Name(job.state()), " (",
                                            info.reason(), ") after ", job.attempts(),
                                            " attempts, not ", v1::JobState_Name(state)));
  });
}

// Jobs whose values are not finite share forwards with others, which make their pictures.
absl::Status PoisonSteps(Rig& rig) {
  std::vector<std::string> poisoned;
  std::vector<std::string> healthy;
  for (int i = 0; i < 10; ++i) {
    DARKROOM_ASSIGN_OR_RETURN(poisoned.emplace_back(), Ask(rig, "models/fake", kPoisonedWord));
    DARKROOM_ASSIGN_OR_RETURN(healthy.emplace_back(), Ask(rig, "models/fake", "an apple"));
  }
  for (const std::string& job : poisoned) {
    DARKROOM_RETURN_IF_ERROR(AwaitState(rig, job, v1::JOB_STATE_FAILED, 1, "NUMERICAL_ERROR"));
  }
  for (const std::string& job : healthy) {
    DARKROOM_RETURN_IF_ERROR(AwaitState(rig, job, v1::JOB_STATE_SUCCEEDED, 1));
  }
  return absl::OkStatus();
}

// A job that is the end of every worker which takes it becomes a dead letter with the second.
absl::Status PoisonWorkers(Rig& rig) {
  const std::vector<std::string> flags = {"--fake_model_id", "fatal", "--fake_row_ms", "5000"};
  DARKROOM_ASSIGN_OR_RETURN(cli::ChildProcess worker, rig.stack().StartWorker(flags));
  std::string job;
  DARKROOM_RETURN_IF_ERROR(Eventually(kEndPatience, [&]() -> absl::Status {
    DARKROOM_ASSIGN_OR_RETURN(job, Ask(rig, "models/fatal", "the end of a worker"));
    return absl::OkStatus();
  }));
  for (const int attempt : {1, 2}) {
    DARKROOM_RETURN_IF_ERROR(AwaitState(rig, job, v1::JOB_STATE_RUNNING, attempt));
    worker.Signal(SIGKILL);
    if (attempt == 2) break;
    DARKROOM_ASSIGN_OR_RETURN(worker, rig.stack().StartWorker(flags));
  }
  return AwaitState(rig, job, v1::JOB_STATE_FAILED, 2, "WORKER_LOST");
}

// A worker that lives and writes, but whose step never ends, keeps no lease: another worker has the
// job.
absl::Status HangStep(Rig& rig) {
  DARKROOM_ASSIGN_OR_RETURN(cli::ChildProcess hung,
                            rig.stack().StartWorker({"--fake_model_id", "hanging", "--fake_row_ms",
                                                     "3600000", "--stall_time", "1s"}));
  std::string job;
  DARKROOM_RETURN_IF_ERROR(Eventually(kEndPatience, [&]() -> absl::Status {
    DARKROOM_ASSIGN_OR_RETURN(job, Ask(rig, "models/hanging", "the first of an hour"));
    return absl::OkStatus();
  }));
  DARKROOM_RETURN_IF_ERROR(AwaitState(rig, job, v1::JOB_STATE_RUNNING, 1));
  DARKROOM_ASSIGN_OR_RETURN(const cli::ChildProcess healthy,
                            rig.stack().StartWorker({"--fake_model_id", "hanging"}));
  DARKROOM_RETURN_IF_ERROR(AwaitState(rig, job, v1::JOB_STATE_SUCCEEDED, 2));
  if (kill(hung.pid(), 0) != 0) return absl::InternalError("the hung worker has ended");
  hung.Signal(SIGKILL);
  return absl::OkStatus();
}

constexpr bool kRecovers = true;
constexpr Fault kFaults[] = {
    {"KillWorker", KillWorker, kRecovers},
    {"KillWorkerLateInAJob", KillWorkerLateInAJob},
    {"KillWorkerBetweenPictureAndEnd", KillWorkerBetweenPictureAndEnd, kRecovers},
    {"SuspendWorker", SuspendWorker, kRecovers},
    {"TerminateWorker", TerminateWorker},
    {"KillGateway", KillGateway},
    {"TerminateGateway", TerminateGateway},
    {"KillScheduler", KillScheduler},
    {"LoseReplyOfSubmission", LoseReplyOfSubmission},
    {"LoseReplyOfLease", LoseReplyOfLease, kRecovers},
    {"KillRedis", KillRedis},
    {"SuspendRedis", SuspendRedis},
    {"ForgetScripts", ForgetScripts},
    {"CutWorkerOff", CutWorkerOff, kRecovers},
    {"DisturbBothLinks", DisturbBothLinks},
    {"TearLog", TearLog},
    {"FillDisk", FillDisk},
    {"RunOutOfMemory", RunOutOfMemory},
    {"KillSubscriptions", KillSubscriptions},
    {"WatchAndLeave", WatchAndLeave},
    {"CancelAtOnce", CancelAtOnce},
    {"PoisonSteps", PoisonSteps},
    {"PoisonWorkers", PoisonWorkers},
    {"HangStep", HangStep},
};

}  // namespace

absl::Span<const Fault> AllFaults() { return kFaults; }

absl::Status Make(const Fault& fault, Rig& rig) {
  rig.history().AddFault(fault.name, fault.recovers);
  DARKROOM_RETURN_IF_ERROR(fault.make(rig));
  rig.history().AddFault(absl::StrCat(fault.name, " is over"));
  return absl::OkStatus();
}

}  // namespace darkroom::testing
