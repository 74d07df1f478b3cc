#ifndef DARKROOM_TESTS_CHAOS_CROWD_H_
#define DARKROOM_TESTS_CHAOS_CROWD_H_

#include <atomic>
#include <cstdint>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include "cli/connection.h"
#include "tests/chaos/history.h"

namespace darkroom::testing {

// All prompts of a crowd begin with this.
inline constexpr char kCrowdPrompt[] = "an apple of the crowd";

// Clients that ask for one picture after the other, each on a thread of its own, and follow every
// job over two watchers until they are told to stop. What is not answered is asked again with the
// same request_id. All of it goes into the history. Not thread-safe.
class Crowd {
 public:
  // Watchers are spread over the connections. Numbers are drawn from `seed`.
  Crowd(std::vector<cli::Connection*> connections, History* history, int clients,
        std::uint32_t seed);
  // Ends without waiting for the jobs.
  ~Crowd();

  // Asks for nothing more, and waits until all that was asked for has ended.
  void Finish();

 private:
  void RunClient(int client, std::uint32_t seed);
  // Empty when it was refused until patience ended.
  std::string Submit(cli::Connection& connection, std::uint32_t number);
  void Watch(cli::Connection& connection, const std::string& job);

  const std::vector<cli::Connection*> connections_;
  History* const history_;
  std::atomic<bool> stopping_{false};
  std::stop_source broken_off_;
  std::atomic<int> watchers_{0};
  std::vector<std::thread> threads_;
};

}  // namespace darkroom::testing

#endif  // DARKROOM_TESTS_CHAOS_CROWD_H_
