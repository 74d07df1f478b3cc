#include "common/drain.h"

#include <unistd.h>

#include <csignal>

namespace darkroom {
namespace {

sigset_t StopSignals() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGTERM);
  sigaddset(&set, SIGINT);
  return set;
}

}  // namespace

DrainSignal::DrainSignal() {
  const sigset_t set = StopSignals();
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
  std::signal(SIGPIPE, SIG_IGN);  // a peer that went away is an error code, not a death
}

int DrainSignal::Wait() {
  const sigset_t set = StopSignals();
  int received = 0;
  while (sigwait(&set, &received) != 0) {
  }
  return received;
}

int DrainSignal::WaitFor(absl::Duration timeout) {
  const sigset_t set = StopSignals();
  const timespec limit = absl::ToTimespec(timeout);
  const int received = sigtimedwait(&set, nullptr, &limit);
  return received > 0 ? received : 0;
}

void DrainSignal::Request() { kill(getpid(), SIGTERM); }

}  // namespace darkroom
