#include <sys/ioctl.h>
#include <unistd.h>

#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/time/clock.h"
#include "cli/command.h"
#include "cli/connection.h"
#include "cli/console.h"
#include "cli/fleet_text.h"
#include "cli/interrupt.h"
#include "cli/job_text.h"

namespace darkroom::cli {
namespace {

constexpr absl::Duration kFrame = absl::Seconds(1);
constexpr absl::Duration kInterruptPoll = absl::Milliseconds(50);
constexpr int kUsualWidth = 80;
constexpr int kUsualHeight = 24;
constexpr absl::string_view kHome = "\x1b[H";
constexpr absl::string_view kEraseToLineEnd = "\x1b[K";
constexpr absl::string_view kEraseBelow = "\x1b[J";
constexpr absl::string_view kErasePage = "\x1b[2J";

class TopCommand final : public Command {
 public:
  CommandText text() const override {
    return {"top", "", "Watch workers and the queue",
            "Shows the workers, the models in their memory, what waits in each tier and since\n"
            "when, the pictures of the last minute, and how far promised waits were off, anew\n"
            "each second until Ctrl-C; your key needs the scope admin. Where stdout is no\n"
            "terminal, one frame is printed.",
            "  darkroom top --key_file ops.key\n"
            "  darkroom top --once --json\n"};
  }

  void Declare(OptionParser& options) override {
    options.Add({"once", "", "print one frame", ""}, &once_);
    options.Add({"json", "", "print JSON, one frame", ""}, &json_);
    connect_.Declare(options);
  }

  ExitCode Run(const std::vector<std::string>&) override {
    const bool live = !once_ && !json_ && isatty(STDOUT_FILENO) == 1;
    std::unique_ptr<Interrupt> interrupt;
    if (live) interrupt = std::make_unique<Interrupt>();  // before gRPC's threads
    auto connection = Connection::Open(connect_);
    if (!connection.ok()) return FailUsage(connection.status());
    auto fleet = (*connection)->GetFleet();
    if (!fleet.ok()) return Fail(fleet.status(), connect_.server);
    if (!live) {
      PrintResult(json_ ? ToJson(*fleet) : FleetText(*fleet, absl::Now()));
      return ExitCode::kDone;
    }
    Write(kErasePage);
    std::string frame = FleetText(*fleet, absl::Now());
    while (true) {
      Draw(frame);
      if (!Wait(*interrupt)) return ExitCode::kDone;
      fleet = (*connection)->GetFleet();
      if (fleet.ok()) {
        frame = FleetText(*fleet, absl::Now());
      } else if (absl::IsUnavailable(fleet.status()) || absl::IsDeadlineExceeded(fleet.status())) {
        // It may come back; until then there is nothing new to show.
        frame = absl::StrCat(connect_.server, " does not answer; trying again");
      } else {
        return Fail(fleet.status(), connect_.server);
      }
    }
  }

 private:
  static void Write(absl::string_view text) {
    std::fwrite(text.data(), 1, text.size(), stdout);
    std::fflush(stdout);
  }

  // Over the last frame, without a moment of emptiness in between.
  static void Draw(absl::string_view frame) {
    winsize size{};
    const bool known = ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0;
    // The last column and line stay free: writing into them wraps or scrolls on some terminals.
    const std::string fitted = FitToScreen(frame, (known ? size.ws_col : kUsualWidth) - 1,
                                           (known ? size.ws_row : kUsualHeight) - 1);
    Write(absl::StrCat(kHome,
                       absl::StrReplaceAll(fitted, {{"\n", absl::StrCat(kEraseToLineEnd, "\n")}}),
                       kEraseToLineEnd, "\n", kEraseBelow));
  }

  // Until the next frame is due; false when the user wants to leave.
  static bool Wait(const Interrupt& interrupt) {
    const absl::Time due = absl::Now() + kFrame;
    while (absl::Now() < due) {
      if (interrupt.requested()) return false;
      absl::SleepFor(kInterruptPoll);
    }
    return !interrupt.requested();
  }

  bool once_ = false;
  bool json_ = false;
  ConnectionOptions connect_;
};

}  // namespace

std::unique_ptr<Command> NewTopCommand() { return std::make_unique<TopCommand>(); }

}  // namespace darkroom::cli
