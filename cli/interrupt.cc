#include "cli/interrupt.h"

#include <unistd.h>

#include "absl/time/time.h"
#include "cli/exit_code.h"
#include "common/drain.h"

namespace darkroom::cli {
namespace {

constexpr absl::Duration kGlance = absl::Milliseconds(200);

}  // namespace

Interrupt::Interrupt() {
  DrainSignal signal;
  watcher_ = std::jthread([signal, source = source_](std::stop_token done) mutable {
    while (!done.stop_requested()) {
      if (signal.WaitFor(kGlance) == 0) continue;
      if (!source.request_stop()) _exit(static_cast<int>(ExitCode::kInterrupted));
    }
  });
}

Interrupt::~Interrupt() = default;

}  // namespace darkroom::cli
