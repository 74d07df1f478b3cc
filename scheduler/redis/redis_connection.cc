#include "scheduler/redis/redis_connection.h"

#include <algorithm>
#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/asio/connect.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/write.hpp>
#include <chrono>
#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/log.h"

namespace darkroom::scheduler {
namespace {

namespace asio = boost::asio;
using Error = boost::system::error_code;
using Tcp = asio::ip::tcp;

constexpr std::chrono::milliseconds kHandshakeTimeout{1500};
constexpr std::chrono::milliseconds kFirstBackoff{50};
constexpr std::chrono::milliseconds kLongestBackoff{1000};

absl::Status Unavailable(absl::string_view what, const Error& error) {
  return absl::UnavailableError(absl::StrCat(what, ": ", error.message()));
}

}  // namespace

// One attempt and, if it succeeds, the connection. Handlers hold it, and do nothing when it is no
// longer the newest.
struct RedisConnection::Session {
  explicit Session(asio::io_context& io) : socket(io), resolver(io) {}

  Tcp::socket socket;
  Tcp::resolver resolver;
  ReplyParser parser;
  std::array<char, 16 * 1024> incoming;
  std::string outgoing;  // being written
  std::string waiting;   // to be written next
  bool writing = false;
  bool is_sentinel = false;
  int handshake_replies = 0;  // still to come
  bool up = false;
};

RedisConnection::RedisConnection(asio::io_context& io, RedisEndpoint endpoint, Listener* listener)
    : io_(io),
      endpoint_(std::move(endpoint)),
      listener_(listener),
      timer_(io),
      random_(std::random_device()()) {}

RedisConnection::~RedisConnection() = default;

void RedisConnection::Start() { Connect(); }

void RedisConnection::Stop() {
  stopped_ = true;
  Drop(absl::UnavailableError("the connection to Redis is shut down"));
}

bool RedisConnection::up() const { return session_ != nullptr && session_->up; }

void RedisConnection::Connect() {
  if (endpoint_.sentinels.empty()) return ConnectTo({endpoint_.host, endpoint_.port}, false);
  ConnectTo(endpoint_.sentinels[sentinel_++ % endpoint_.sentinels.size()], true);
}

void RedisConnection::ConnectTo(const RedisAddress& address, bool is_sentinel) {
  session_ = std::make_shared<Session>(io_);
  session_->is_sentinel = is_sentinel;
  timer_.expires_after(kHandshakeTimeout);
  timer_.async_wait([this, session = session_](const Error& error) {
    if (error || session != session_ || session->up) return;
    Drop(absl::UnavailableError("Redis does not answer"));
  });
  session_->resolver.async_resolve(
      address.host, absl::StrCat(address.port),
      [this, session = session_](const Error& error, const Tcp::resolver::results_type& found) {
        if (session != session_) return;
        if (error) return Drop(Unavailable("cannot resolve the name of Redis", error));
        asio::async_connect(session->socket, found, [this, session](const Error& e, const auto&) {
          if (session != session_) return;
          if (e) return Drop(Unavailable("cannot connect to Redis", e));
          Handshake(session);
        });
      });
}

void RedisConnection::Handshake(const std::shared_ptr<Session>& session) {
  Error ignored;
  session->socket.set_option(Tcp::no_delay(true), ignored);
  std::vector<std::vector<std::string>> commands;
  if (session->is_sentinel) {
    commands = {{"SENTINEL", "GET-MASTER-ADDR-BY-NAME", endpoint_.master}};
  } else {
    if (!endpoint_.password.empty()) commands.push_back({"AUTH", endpoint_.password});
    if (!endpoint_.sentinels.empty()) commands.push_back({"ROLE"});
    // Answered with an error while Redis still loads its data.
    commands.push_back({"PING"});
  }
  for (const auto& command : commands) session->waiting += EncodeCommand(command);
  session->handshake_replies = static_cast<int>(commands.size());
  Write(session);
  Read(session);
}

void RedisConnection::Read(const std::shared_ptr<Session>& session) {
  session->socket.async_read_some(
      asio::buffer(session->incoming), [this, session](const Error& error, std::size_t size) {
        if (session != session_) return;
        if (error) return Drop(Unavailable("the connection to Redis is lost", error));
        session->parser.Feed(session->incoming.data(), size);
        while (session == session_) {
          absl::StatusOr<std::optional<RedisReply>> reply = session->parser.Next();
          if (!reply.ok()) return Drop(absl::UnavailableError(reply.status().message()));
          if (!reply->has_value()) return Read(session);
          Handle(*session, **std::move(reply));
        }
      });
}

void RedisConnection::Handle(Session& session, RedisReply reply) {
  if (session.up) return listener_->OnReply(std::move(reply));
  if (reply.kind == RedisReply::Kind::kError) return Drop(StatusOfError(reply.text));
  if (session.is_sentinel) return GoToMaster(reply);
  if (reply.kind == RedisReply::Kind::kArray && reply.elements[0].text != "master") {
    return Drop(absl::UnavailableError("the sentinel's master is none yet"));
  }
  if (--session.handshake_replies > 0) return;
  session.up = true;
  timer_.cancel();
  if (failures_ > 0) log::Info("connected to Redis again", {{"failures", failures_}});
  failures_ = 0;
  listener_->OnUp();
}

void RedisConnection::GoToMaster(const RedisReply& address) {
  RedisAddress master;
  if (address.elements.size() != 2 || !absl::SimpleAtoi(address.elements[1].text, &master.port)) {
    return Drop(absl::UnavailableError(
        absl::StrCat("the sentinel knows no master of the name ", endpoint_.master)));
  }
  master.host = address.elements[0].text;
  Error ignored;
  session_->socket.close(ignored);
  ConnectTo(master, false);
}

void RedisConnection::Send(std::string bytes) {
  session_->waiting += bytes;
  if (!session_->writing) Write(session_);
}

void RedisConnection::Write(const std::shared_ptr<Session>& session) {
  session->outgoing = std::exchange(session->waiting, {});
  session->writing = true;
  asio::async_write(session->socket, asio::buffer(session->outgoing),
                    [this, session](const Error& error, std::size_t) {
                      session->writing = false;
                      if (session != session_) return;
                      if (error) return Drop(Unavailable("the connection to Redis is lost", error));
                      if (!session->waiting.empty()) Write(session);
                    });
}

void RedisConnection::Drop(const absl::Status& why) {
  const std::shared_ptr<Session> session = std::exchange(session_, nullptr);
  timer_.cancel();
  if (session != nullptr) {
    Error ignored;
    session->resolver.cancel();
    session->socket.close(ignored);
  }
  if (!stopped_) {
    if (failures_++ == 0) log::Warning("no connection to Redis", {{"why", why.message()}});
    TryAgainLater();
  }
  if (session != nullptr && session->up) listener_->OnDown(why);
}

void RedisConnection::TryAgainLater() {
  const auto backoff = std::min(kLongestBackoff, kFirstBackoff * (1 << std::min(failures_, 6)));
  std::uniform_real_distribution<double> jitter(0.5, 1.0);
  timer_.expires_after(
      std::chrono::duration_cast<std::chrono::milliseconds>(backoff * jitter(random_)));
  timer_.async_wait([this](const Error& error) {
    if (error || stopped_ || session_ != nullptr) return;
    Connect();
  });
}

}  // namespace darkroom::scheduler
