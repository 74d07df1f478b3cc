#include "server/core/asio_loop.h"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <thread>
#include <utility>

namespace darkroom::server {

struct AsioLoop::Engine {
  boost::asio::io_context context{1};
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work{
      context.get_executor()};
  std::thread thread;
};

AsioLoop::AsioLoop() : engine_(std::make_unique<Engine>()) {
  engine_->thread = std::thread([context = &engine_->context] { context->run(); });
}

AsioLoop::~AsioLoop() {
  engine_->context.stop();
  engine_->thread.join();
}

boost::asio::io_context& AsioLoop::context() { return engine_->context; }

void AsioLoop::Post(Task task) {
  boost::asio::post(engine_->context, [task = std::move(task)]() mutable { task(); });
}

void AsioLoop::PostAfter(absl::Duration delay, Task task) {
  auto timer = std::make_unique<boost::asio::steady_timer>(engine_->context,
                                                           absl::ToChronoNanoseconds(delay));
  boost::asio::steady_timer& armed = *timer;
  armed.async_wait([timer = std::move(timer),
                    task = std::move(task)](const boost::system::error_code&) mutable { task(); });
}

}  // namespace darkroom::server
