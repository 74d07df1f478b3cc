#include "scheduler/redis/redis_subscriber.h"

#include <algorithm>
#include <chrono>
#include <utility>

namespace darkroom::scheduler {
namespace {

// A peer that has gone without a word is noticed after two of these.
constexpr std::chrono::seconds kPingInterval{5};

}  // namespace

RedisSubscriber::RedisSubscriber(boost::asio::io_context& io, RedisEndpoint endpoint)
    : timer_(io), connection_(io, std::move(endpoint), this) {}

void RedisSubscriber::Start() {
  connection_.Start();
  Ping();
}

void RedisSubscriber::Stop() {
  stopped_ = true;
  timer_.cancel();
  connection_.Stop();
}

void RedisSubscriber::Add(const std::string& channel, std::shared_ptr<HintSlot> slot) {
  channels_[channel].push_back(std::move(slot));
  // Also when others share the channel: the answer calls this hint too.
  if (connection_.up()) connection_.Send(EncodeCommand({"SUBSCRIBE", channel}));
}

void RedisSubscriber::Remove(const std::string& channel, const std::shared_ptr<HintSlot>& slot) {
  const auto found = channels_.find(channel);
  if (found == channels_.end()) return;
  std::erase(found->second, slot);
  if (!found->second.empty()) return;
  channels_.erase(found);
  if (connection_.up()) connection_.Send(EncodeCommand({"UNSUBSCRIBE", channel}));
}

void RedisSubscriber::CallAll() {
  // Hints may add and remove subscriptions.
  std::vector<std::shared_ptr<HintSlot>> all;
  for (const auto& [channel, slots] : channels_) all.insert(all.end(), slots.begin(), slots.end());
  for (const std::shared_ptr<HintSlot>& slot : all) slot->Call();
}

void RedisSubscriber::Call(const std::string& channel) {
  const auto found = channels_.find(channel);
  if (found == channels_.end()) return;
  const std::vector<std::shared_ptr<HintSlot>> slots = found->second;
  for (const std::shared_ptr<HintSlot>& slot : slots) slot->Call();
}

void RedisSubscriber::OnUp() {
  answered_ = true;
  for (const auto& [channel, slots] : channels_) {
    connection_.Send(EncodeCommand({"SUBSCRIBE", channel}));
  }
}

void RedisSubscriber::OnReply(RedisReply reply) {
  answered_ = true;
  if (reply.kind != RedisReply::Kind::kArray || reply.elements.size() < 2) return;
  const std::string& kind = reply.elements[0].text;
  if (kind == "message" || kind == "subscribe") Call(reply.elements[1].text);
}

void RedisSubscriber::OnDown(const absl::Status&) {}

void RedisSubscriber::Ping() {
  timer_.expires_after(kPingInterval);
  timer_.async_wait([this](const boost::system::error_code& error) {
    // A timer that was due when it was cancelled reports no error.
    if (error || stopped_) return;
    if (connection_.up()) {
      if (!answered_) {
        connection_.Drop(absl::UnavailableError("Redis does not answer"));
      } else {
        answered_ = false;
        connection_.Send(EncodeCommand({"PING"}));
      }
    }
    Ping();
  });
}

}  // namespace darkroom::scheduler
