#ifndef DARKROOM_TESTS_INTEGRATION_STACK_H_
#define DARKROOM_TESTS_INTEGRATION_STACK_H_

#include <sys/types.h>

#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "cli/connection.h"
#include "cli/up/child_process.h"
#include "cli/up/port.h"

namespace darkroom::testing {

// Steps of the fake model fail for a prompt with this word.
inline constexpr char kPoisonedWord[] = "poisoned";

enum class Part { kRedis, kScheduler, kWorker, kGateway };

// The real processes of one Darkroom with a worker, whose model is fake unless it is asked for a
// real one, in a temporary folder, on free ports. The worker looks for adapters and upscalers in
// folder() / "Lora", "embeddings" and "ESRGAN", which are empty, and saves steps five times a
// second. Each can be killed, suspended, asked to stop, and started again. Not thread-safe,
// connection() excepted.
class Stack {
 public:
  // Takes this long for a denoising step of one image.
  static absl::StatusOr<std::unique_ptr<Stack>> Start(absl::Duration step);
  // With keys: the gateway has a pepper, and one key in its file, of the tenant "ops" with the
  // scope admin, which folder() / "secrets" / "ops" holds and connection() uses. Beside
  // the standard tier there is "small": 5 steps, 2 requests at once and then one in 2000 s.
  static absl::StatusOr<std::unique_ptr<Stack>> StartWithKeys(absl::Duration step);
  // Every part but Redis serves its metrics.
  static absl::StatusOr<std::unique_ptr<Stack>> StartWithMetrics(absl::Duration step);
  // Gateway and worker export the spans of sampled traces to this collector.
  static absl::StatusOr<std::unique_ptr<Stack>> StartWithTraces(absl::Duration step,
                                                                std::string collector);
  // With the real worker, over folder() / "models", which `fill` puts models into; `model` is one.
  // Checkpoints have the vocabulary of tests/golden/tiny_model. `flags`: more of the worker's.
  static absl::StatusOr<std::unique_ptr<Stack>> StartReal(
      const std::function<void(const std::filesystem::path& models)>& fill, std::string model,
      std::vector<std::string> flags = {});
  // Stops everything and removes the folder.
  ~Stack();
  Stack(const Stack&) = delete;
  Stack& operator=(const Stack&) = delete;

  void Kill(Part part);  // SIGKILL
  void Suspend(Part part);
  void Resume(Part part);
  // SIGTERM; returns how it ended, as waitpid tells it. Killed after `grace`.
  int Terminate(Part part, absl::Duration grace);
  // Starts a part that has ended, on the same port and with the same data, and waits until it can
  // be asked to stop.
  absl::Status Run(Part part);
  // Sends SIGTERM without waiting.
  void AskToStop(Part part);
  // Where the part looks for Redis when it is next started: a proxy's address.
  void Route(Part part, cli::HostPort redis) { routes_[part] = std::move(redis); }
  // Waits until the part has ended by itself, and returns how; killed after `patience`.
  int AwaitEnd(Part part, absl::Duration patience);

  // Waits until the gateway serves and a worker serves the model.
  absl::Status AwaitReady();

  // Another gateway of the same pool and flags, at this address.
  absl::StatusOr<cli::ChildProcess> StartGateway(const cli::HostPort& address) const;
  // Another worker of the same pool and model, but for what its own flags say.
  absl::StatusOr<cli::ChildProcess> StartWorker(const std::vector<std::string>& flags = {}) const;

  cli::Connection& connection() { return *connection_; }
  std::string address() const { return gateway_.ToString(); }
  const cli::HostPort& http() const { return http_; }
  const cli::HostPort& redis() const { return redis_; }
  // Of a stack that was started with metrics.
  const cli::HostPort& metrics(Part part) const { return metrics_.at(part); }
  pid_t pid(Part part) const { return children_.at(part).pid(); }
  const std::filesystem::path& folder() const { return folder_; }
  // The logs of all parts, for a failed test's message.
  std::string Logs() const;

 private:
  Stack(absl::Duration step, bool real, std::string model);
  static absl::StatusOr<std::unique_ptr<Stack>> Started(std::unique_ptr<Stack> stack);
  absl::Status StartAll();
  absl::StatusOr<std::vector<std::string>> CommandLine(Part part) const;
  std::vector<std::string> GatewayLine(const cli::HostPort& address) const;
  std::string RedisOf(Part part) const;
  absl::string_view ProgramOf(Part part) const;
  std::filesystem::path Log(Part part) const;

  const std::filesystem::path folder_;
  const absl::Duration step_;
  const bool real_;
  const std::string model_;
  std::vector<std::string> worker_flags_;
  std::vector<std::string> gateway_flags_;
  std::string collector_;  // empty: none
  std::string key_file_;   // of connection(); may be empty
  cli::HostPort redis_;
  cli::HostPort gateway_;
  cli::HostPort http_;  // of the same
  std::unique_ptr<cli::Connection> connection_;
  std::map<Part, cli::HostPort> metrics_;  // of those that serve them
  std::map<Part, cli::HostPort> routes_;   // of parts that do not go to redis_ themselves
  std::map<Part, cli::ChildProcess> children_;
};

// Looks again and again until the condition is OK; its last error after `patience`.
absl::Status Eventually(absl::Duration patience, const std::function<absl::Status()>& condition);

// Folder of the programs under test.
std::filesystem::path ProgramFolder();

}  // namespace darkroom::testing

#endif  // DARKROOM_TESTS_INTEGRATION_STACK_H_
