#ifndef DARKROOM_CLI_INTERRUPT_H_
#define DARKROOM_CLI_INTERRUPT_H_

#include <stop_token>
#include <thread>

namespace darkroom::cli {

// Turns the first Ctrl-C (or SIGTERM) into a stop request; a second one ends the process at once.
// Construct it before any other thread is started: the signals are blocked from then on.
class Interrupt {
 public:
  Interrupt();
  ~Interrupt();
  Interrupt(const Interrupt&) = delete;
  Interrupt& operator=(const Interrupt&) = delete;

  std::stop_token token() const { return source_.get_token(); }
  bool requested() const { return source_.stop_requested(); }

 private:
  std::stop_source source_;
  std::jthread watcher_;
};

}  // namespace darkroom::cli

#endif  // DARKROOM_CLI_INTERRUPT_H_
