#ifndef DARKROOM_TESTS_INTEGRATION_LANES_H_
#define DARKROOM_TESTS_INTEGRATION_LANES_H_

#include <atomic>
#include <cstddef>
#include <functional>
#include <string>
#include <thread>
#include <vector>

namespace darkroom::testing {

// What `complaint` says of 0 to `count` - 1, on `lanes` threads: of things that are mostly waited
// for.
inline std::vector<std::string> ComplaintsInLanes(
    std::size_t count, int lanes, const std::function<std::string(std::size_t)>& complaint) {
  std::vector<std::string> complaints(count);
  std::atomic<std::size_t> next{0};
  std::vector<std::jthread> threads;
  for (int lane = 0; lane < lanes; ++lane) {
    threads.emplace_back([&] {
      for (std::size_t i = next++; i < count; i = next++) complaints[i] = complaint(i);
    });
  }
  for (std::jthread& thread : threads) thread.join();
  return complaints;
}

}  // namespace darkroom::testing

#endif  // DARKROOM_TESTS_INTEGRATION_LANES_H_
