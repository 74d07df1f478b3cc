#ifndef DARKROOM_TESTS_CHAOS_TCP_PROXY_H_
#define DARKROOM_TESTS_CHAOS_TCP_PROXY_H_

#include <cstdint>
#include <memory>
#include <string>

#include "absl/time/time.h"
#include "cli/up/port.h"

namespace darkroom::testing {

// A network between a client and a server that fails as it is told: everything that goes to
// address() is passed on to the target and back. It runs on a thread of its own. Thread-safe.
class TcpProxy {
 public:
  // Listens on a free port of 127.0.0.1; ends the program when there is none.
  explicit TcpProxy(cli::HostPort target);
  ~TcpProxy();
  TcpProxy(const TcpProxy&) = delete;
  TcpProxy& operator=(const TcpProxy&) = delete;

  cli::HostPort address() const;

  // Breaks all connections, and every new one at once, until Mend.
  void Cut();
  // Everything is passed on again, without delay.
  void Mend();
  // Keeps each piece of data back for this long, and breaks its connection instead of passing it on
  // with this probability; drawn from `seed`.
  void Disturb(absl::Duration latency, double resets, std::uint32_t seed);
  // The next request with this text in it is passed on, its reply is not: the connection breaks.
  void LoseReplyTo(std::string text);
  // The next reply with this text in it is lost likewise.
  void LoseReplyWith(std::string text);
  // Replies lost so far.
  int lost_replies() const;

 private:
  struct Network;
  std::unique_ptr<Network> network_;
};

}  // namespace darkroom::testing

#endif  // DARKROOM_TESTS_CHAOS_TCP_PROXY_H_
