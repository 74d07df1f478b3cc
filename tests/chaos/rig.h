#ifndef DARKROOM_TESTS_CHAOS_RIG_H_
#define DARKROOM_TESTS_CHAOS_RIG_H_

#include <filesystem>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "cli/connection.h"
#include "cli/up/child_process.h"
#include "tests/chaos/crowd.h"
#include "tests/chaos/history.h"
#include "tests/chaos/tcp_proxy.h"
#include "tests/integration/stack.h"

namespace darkroom::testing {

// A Darkroom of real processes that faults are made in, with a crowd of clients: one Redis, one
// scheduler, and two of each of the others. The stack's own worker and gateway reach Redis through
// a proxy, the second ones do not and are left alone. Used on one thread.
class Rig {
 public:
  static absl::StatusOr<std::unique_ptr<Rig>> Start(const std::filesystem::path& history,
                                                    std::uint32_t seed);

  Stack& stack() { return *stack_; }
  // The one that is left alone, but by faults that say so.
  cli::ChildProcess& second_worker() { return seconds_[0]; }
  TcpProxy& worker_link() { return *worker_link_; }
  TcpProxy& gateway_link() { return *gateway_link_; }
  History& history() { return history_; }
  std::mt19937& random() { return random_; }

  // Kills a part, or what is left of it, and starts it again a moment later.
  absl::Status Restart(Part part);
  // The answer of Redis to an administrator's command, with its line end.
  absl::StatusOr<std::string> AskRedis(absl::string_view command);

  // Lets the crowd finish, counts what is in the store, and returns what the history has against
  // it.
  std::vector<std::string> Finish();

 private:
  Rig(const std::filesystem::path& history, std::uint32_t seed)
      : seed_(seed), random_(seed), history_(history) {}
  absl::Status StartAll();
  // All jobs and the sizes of the indexes.
  absl::Status Count(chaos::Census& census);

  const std::uint32_t seed_;
  std::mt19937 random_;
  History history_;
  std::unique_ptr<Stack> stack_;
  std::unique_ptr<TcpProxy> worker_link_;
  std::unique_ptr<TcpProxy> gateway_link_;
  std::vector<cli::ChildProcess> seconds_;
  std::unique_ptr<cli::Connection> second_gateway_;
  std::unique_ptr<Crowd> crowd_;
};

}  // namespace darkroom::testing

#endif  // DARKROOM_TESTS_CHAOS_RIG_H_
