#include <atomic>
#include <memory>
#include <optional>
#include <stop_token>
#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"
#include "cli/command.h"
#include "cli/console.h"
#include "cli/generate_options.h"
#include "cli/generation.h"
#include "cli/up/local_stack.h"
#include "common/drain.h"

namespace darkroom::cli {
namespace {

constexpr absl::Duration kGlance = absl::Milliseconds(100);

// The picture of `up --generate`, made on a thread of its own while the main thread supervises.
class FirstPicture {
 public:
  FirstPicture(LocalStack& stack, std::string prompt, const GenerateOptions& options)
      : thread_([this, &stack, prompt = std::move(prompt), options](std::stop_token stop) {
          const ExitCode code =
              GeneratePictures(stack.connection().jobs(), stack.address().ToString(),
                               options.Request(prompt), options, stop);
          outcome_.store(static_cast<int>(code));
        }) {}

  // Its exit status; nullopt while it is being made.
  std::optional<ExitCode> outcome() const {
    const int code = outcome_.load();
    if (code == kMaking) return std::nullopt;
    return static_cast<ExitCode>(code);
  }
  void Cancel() { thread_.request_stop(); }

 private:
  static constexpr int kMaking = -1;

  std::atomic<int> outcome_{kMaking};
  std::jthread thread_;  // last: it uses the others
};

class UpCommand final : public Command {
 public:
  CommandText text() const override {
    return {
        "up", "", "Run a whole server on this machine",
        "Starts redis-server, the scheduler, a worker and the gateway, starts again what dies,\n"
        "and stops all of them on Ctrl-C. Jobs outlive it in the data folder. With --generate\n"
        "it makes a picture first, for which every option of `darkroom generate` can be given.",
        "  darkroom up\n"
        "  darkroom up --listen 0.0.0.0:50051 --threads 4\n"
        "  darkroom up --generate \"a red apple on a blue background\" --seed 7\n"
        "  darkroom up --generate \"a green star\" --once --listen 127.0.0.1:0\n"};
  }

  void Declare(OptionParser& options) override {
    stack_.Declare(options);
    options.Add({"generate", "PROMPT", "make a picture after the start", ""}, &prompt_);
    options.Add({"once", "", "stop after that picture", ""}, &once_);
    options.BeginGroup("That picture");
    generate_.Declare(options);
  }

  ExitCode Run(const std::vector<std::string>&) override {
    if (const absl::Status usable = CheckUsage(); !usable.ok()) return FailUsage(usable);
    DrainSignal signals;
    const auto interrupted = [&signals] { return signals.WaitFor(kGlance) != 0; };
    PrintNote("Starting Darkroom");
    LocalStack stack(stack_, [](absl::string_view sentence) { PrintNote(sentence); });
    const absl::Status started = stack.Start(interrupted);
    if (absl::IsCancelled(started)) return ExitCode::kInterrupted;
    if (!started.ok()) return FailLocally(started);
    if (!once_) PrintWelcome(stack);
    const ExitCode code = Serve(stack, interrupted);
    PrintNote("Stopping Darkroom");
    return code;
  }

 private:
  absl::Status CheckUsage() const {
    if (once_ && !prompt_.has_value()) {
      return absl::InvalidArgumentError("--once needs --generate PROMPT");
    }
    return absl::OkStatus();
  }

  void PrintWelcome(const LocalStack& stack) const {
    PrintNote(absl::StrCat("Darkroom is up. Ctrl-C stops it.\n  open      ", stack.page(),
                           "\n  HTTP API  ", stack.page(), "v1\n  gRPC API  ",
                           stack.address().ToString(), "\n  try       darkroom generate \"",
                           "a red apple on a blue background\" --server ",
                           stack.address().ToString(), "\n  logs      ",
                           stack.data().log("gateway").parent_path().string()));
  }

  // Until a signal, or with --once until the picture is there.
  ExitCode Serve(LocalStack& stack, const LocalStack::Pause& interrupted) const {
    std::optional<FirstPicture> picture;
    if (prompt_.has_value()) picture.emplace(stack, *prompt_, generate_);
    bool stopping = false;
    while (true) {
      const absl::Status healthy = stack.Poll();
      if (!healthy.ok()) return FailLocally(healthy);
      const bool made = !picture.has_value() || picture->outcome().has_value();
      if (made && (stopping || (once_ && picture.has_value()))) {
        return picture.has_value() ? *picture->outcome() : ExitCode::kDone;
      }
      if (!interrupted()) continue;
      if (made) return ExitCode::kDone;
      stopping = true;
      picture->Cancel();
    }
  }

  StackOptions stack_;
  std::optional<std::string> prompt_;
  bool once_ = false;
  GenerateOptions generate_;
};

}  // namespace

std::unique_ptr<Command> NewUpCommand() { return std::make_unique<UpCommand>(); }

}  // namespace darkroom::cli
