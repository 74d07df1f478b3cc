#include "scheduler/redis/redis_commands.h"

#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/log.h"

namespace darkroom::scheduler {
namespace {

constexpr std::chrono::milliseconds kCommandTimeout{1500};

// EVAL and EVALSHA take the same arguments but for the first.
std::vector<std::string> Evaluation(const char* command, const char* script,
                                    const std::vector<std::string>& keys,
                                    const std::vector<std::string>& arguments) {
  std::vector<std::string> words = {command, script, absl::StrCat(keys.size())};
  words.insert(words.end(), keys.begin(), keys.end());
  words.insert(words.end(), arguments.begin(), arguments.end());
  return words;
}

}  // namespace

RedisCommands::RedisCommands(boost::asio::io_context& io, RedisEndpoint endpoint,
                             std::function<void()> on_up, std::function<void()> on_down)
    : timer_(io),
      on_up_(std::move(on_up)),
      on_down_(std::move(on_down)),
      connection_(io, std::move(endpoint), this) {}

void RedisCommands::Stop() {
  timer_.cancel();
  connection_.Stop();
}

void RedisCommands::Send(const std::vector<std::string>& command, Callback<RedisReply> done) {
  Enqueue(command, {.deadline = {}, .done = std::move(done), .load_and_run = nullptr});
}

void RedisCommands::Run(const lua::LuaScript& script, std::vector<std::string> keys,
                        std::vector<std::string> arguments, Callback<RedisReply> done) {
  const std::vector<std::string> command = Evaluation("EVALSHA", script.sha1, keys, arguments);
  auto load_and_run = [this, &script, keys = std::move(keys),
                       arguments = std::move(arguments)](Callback<RedisReply> again) {
    Send(Evaluation("EVAL", script.text, keys, arguments), std::move(again));
  };
  Enqueue(command,
          {.deadline = {}, .done = std::move(done), .load_and_run = std::move(load_and_run)});
}

void RedisCommands::Enqueue(const std::vector<std::string>& command, Pending pending) {
  if (!connection_.up()) {
    pending.done(absl::UnavailableError("no connection to Redis"));
    return;
  }
  pending.deadline = std::chrono::steady_clock::now() + kCommandTimeout;
  pending_.push_back(std::move(pending));
  connection_.Send(EncodeCommand(command));
  if (!watching_) WatchOldest();
}

void RedisCommands::WatchOldest() {
  watching_ = !pending_.empty();
  if (!watching_) return;
  timer_.expires_at(pending_.front().deadline);
  timer_.async_wait([this](const boost::system::error_code& error) {
    if (error) return;
    if (!pending_.empty() && pending_.front().deadline <= std::chrono::steady_clock::now()) {
      connection_.Drop(absl::UnavailableError("Redis does not answer"));
    }
    WatchOldest();
  });
}

void RedisCommands::OnUp() {
  for (const lua::LuaScript* script : lua::AllScripts()) {
    Send({"SCRIPT", "LOAD", script->text}, [script](const absl::StatusOr<RedisReply>& reply) {
      if (reply.ok() || absl::IsUnavailable(reply.status())) return;
      log::Warning("cannot load a script",
                   {{"script", script->name}, {"why", reply.status().message()}});
    });
  }
  on_up_();
}

void RedisCommands::OnReply(RedisReply reply) {
  if (pending_.empty()) return;
  Pending pending = std::move(pending_.front());
  pending_.pop_front();
  if (reply.kind != RedisReply::Kind::kError) return pending.done(std::move(reply));
  if (pending.load_and_run != nullptr && absl::StartsWith(reply.text, "NOSCRIPT")) {
    return pending.load_and_run(std::move(pending.done));
  }
  pending.done(StatusOfError(reply.text));
}

void RedisCommands::OnDown(const absl::Status& why) {
  on_down_();
  std::deque<Pending> lost = std::exchange(pending_, {});
  for (Pending& pending : lost) pending.done(absl::UnavailableError(why.message()));
}

}  // namespace darkroom::scheduler
