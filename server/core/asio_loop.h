#ifndef DARKROOM_SERVER_CORE_ASIO_LOOP_H_
#define DARKROOM_SERVER_CORE_ASIO_LOOP_H_

#include <memory>

#include "server/core/loop.h"

namespace boost::asio {
class io_context;
}  // namespace boost::asio

namespace darkroom::server {

// The loop of a running gateway: one thread, started by the constructor and joined by the
// destructor, on system time.
class AsioLoop : public Loop {
 public:
  AsioLoop();
  ~AsioLoop() override;

  void Post(Task task) override;
  void PostAfter(absl::Duration delay, Task task) override;
  const Clock& clock() const override { return Clock::System(); }

  // What it runs, for sockets whose handlers are tasks of this loop. Lives as long as the loop.
  boost::asio::io_context& context();

 private:
  struct Engine;
  std::unique_ptr<Engine> engine_;
};

}  // namespace darkroom::server

#endif  // DARKROOM_SERVER_CORE_ASIO_LOOP_H_
