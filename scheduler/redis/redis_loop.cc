#include "scheduler/redis/redis_loop.h"

#include <boost/asio/post.hpp>
#include <utility>

#include "scheduler/core/hint_slot.h"

namespace darkroom::scheduler {

namespace asio = boost::asio;

class RedisLoop::ChannelSubscription : public Subscription {
 public:
  ChannelSubscription(RedisLoop* loop, std::string channel, EventBus::Hint hint)
      : loop_(loop),
        channel_(std::move(channel)),
        slot_(std::make_shared<HintSlot>(std::move(hint))) {
    asio::post(loop_->io_, [loop = loop_, channel = channel_, slot = slot_] {
      loop->subscriber_.Add(channel, slot);
    });
  }
  ~ChannelSubscription() override {
    asio::post(loop_->io_, [loop = loop_, channel = channel_, slot = slot_] {
      loop->subscriber_.Remove(channel, slot);
    });
    slot_->Close();
  }

 private:
  RedisLoop* const loop_;
  const std::string channel_;
  const std::shared_ptr<HintSlot> slot_;
};

RedisLoop::RedisLoop(const RedisEndpoint& endpoint)
    : io_(1),
      work_(asio::make_work_guard(io_)),
      subscriber_(io_, endpoint),
      commands_(
          io_, endpoint,
          [this] {
            SetUp(true);
            // The subscriber may be back already: what its hints tried then has failed.
            subscriber_.CallAll();
          },
          [this] { SetUp(false); }) {
  asio::post(io_, [this] {
    commands_.Start();
    subscriber_.Start();
  });
  thread_ = std::thread([this] { io_.run(); });
}

RedisLoop::~RedisLoop() {
  asio::post(io_, [this] {
    subscriber_.Stop();
    commands_.Stop();
    work_.reset();
  });
  thread_.join();
}

absl::Status RedisLoop::WaitUntilUp(absl::Duration timeout) {
  MutexLock lock(&mutex_);
  if (mutex_.AwaitWithTimeout([this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return up_; },
                              timeout))
    return absl::OkStatus();
  return absl::UnavailableError("no connection to Redis");
}

void RedisLoop::SetUp(bool up) {
  MutexLock lock(&mutex_);
  up_ = up;
}

void RedisLoop::Send(std::vector<std::string> command, Callback<RedisReply> done) {
  asio::post(io_, [this, command = std::move(command), done = std::move(done)]() mutable {
    commands_.Send(command, std::move(done));
  });
}

void RedisLoop::Call(const lua::LuaScript& script, std::string base,
                     std::vector<std::string> arguments, Callback<RedisReply> done) {
  asio::post(io_, [this, &script, base = std::move(base), arguments = std::move(arguments),
                   done = std::move(done)]() mutable {
    commands_.Call(script, base, arguments, std::move(done));
  });
}

std::unique_ptr<Subscription> RedisLoop::Subscribe(std::string channel, EventBus::Hint hint) {
  return std::make_unique<ChannelSubscription>(this, std::move(channel), std::move(hint));
}

}  // namespace darkroom::scheduler
