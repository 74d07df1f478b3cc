#include "scheduler/redis/redis_commands.h"

#include <utility>

#include "absl/strings/match.h"
#include "common/log.h"
#include "scheduler/redis/function_library.h"

namespace darkroom::scheduler {
namespace {

constexpr std::chrono::milliseconds kCommandTimeout{1500};

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
  Enqueue(EncodeCommand(command), {.deadline = {}, .done = std::move(done), .call = {}});
}

void RedisCommands::Call(const lua::LuaScript& script, const std::string& base,
                         const std::vector<std::string>& arguments, Callback<RedisReply> done) {
  std::vector<std::string> command = {"FCALL", FunctionLibrary::Get().FunctionOf(script), "1",
                                      base};
  command.insert(command.end(), arguments.begin(), arguments.end());
  std::string bytes = EncodeCommand(command);
  Enqueue(bytes, {.deadline = {}, .done = std::move(done), .call = bytes});
}

void RedisCommands::Enqueue(std::string bytes, Pending pending) {
  if (!connection_.up()) {
    pending.done(absl::UnavailableError("no connection to Redis"));
    return;
  }
  pending.deadline = std::chrono::steady_clock::now() + kCommandTimeout;
  pending_.push_back(std::move(pending));
  connection_.Send(std::move(bytes));
  if (!watching_) WatchOldest();
}

void RedisCommands::LoadLibrary() {
  const FunctionLibrary& library = FunctionLibrary::Get();
  Send({"FUNCTION", "LOAD", library.text()}, [](const absl::StatusOr<RedisReply>& reply) {
    if (reply.ok() || absl::IsUnavailable(reply.status()) ||
        absl::StrContains(reply.status().message(), "already exists")) {
      return;
    }
    log::Warning("cannot load the functions", {{"why", reply.status().message()}});
  });
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
  LoadLibrary();
  on_up_();
}

void RedisCommands::OnReply(RedisReply reply) {
  if (pending_.empty()) return;
  Pending pending = std::move(pending_.front());
  pending_.pop_front();
  if (reply.kind != RedisReply::Kind::kError) return pending.done(std::move(reply));
  if (!pending.call.empty() && reply.text == "ERR Function not found") {
    LoadLibrary();
    std::string again = std::exchange(pending.call, {});
    return Enqueue(std::move(again), std::move(pending));
  }
  pending.done(StatusOfError(reply.text));
}

void RedisCommands::OnDown(const absl::Status& why) {
  on_down_();
  std::deque<Pending> lost = std::exchange(pending_, {});
  for (Pending& pending : lost) pending.done(absl::UnavailableError(why.message()));
}

}  // namespace darkroom::scheduler
