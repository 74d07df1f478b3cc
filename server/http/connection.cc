#include "server/http/connection.h"

#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "server/core/api_error.h"
#include "server/http/request_id.h"
#include "server/http/turn.h"

namespace darkroom::server::http {
namespace {

using boost::system::error_code;

constexpr std::size_t kReadBytes = 64 << 10;
constexpr std::size_t kMaxDropped = 64 << 20;
constexpr std::size_t kMaxBuffers = 16;
constexpr absl::Duration kRetryBody = absl::Seconds(1);

std::string HttpDate() {
  return absl::FormatTime("%a, %d %b %Y %H:%M:%S GMT", absl::Now(), absl::UTCTimeZone());
}

}  // namespace

Connection::Connection(std::shared_ptr<ConnectionGroup> group, std::shared_ptr<Wire> wire,
                       const boost::asio::any_io_executor& executor, std::string peer)
    : group_(std::move(group)),
      wire_(std::move(wire)),
      timer_(executor),
      peer_(std::move(peer)),
      reader_(group_->limits.head_bytes) {}

void Connection::Start() {
  group_->open.insert(this);
  group_->meter.NoteConnections(1);
  Limit(group_->limits.head);
  AwaitBytes();
}

void Connection::Drain() {
  if (state_ == State::kReading && reader_.state() == RequestReader::State::kIdle) Close();
}

void Connection::Close() {
  if (state_ == State::kClosed) return;
  const auto self = shared_from_this();
  state_ = State::kClosed;
  // They have exchanges, which have this connection; and where the loop ends, no write does.
  std::vector<Callback> untold;
  for (Piece& piece : outbox_) untold.push_back(std::move(piece.written));
  wire_->Close();
  timer_.cancel();
  group_->body_bytes -= std::exchange(reserved_bytes_, 0);
  group_->open.erase(this);
  group_->meter.NoteConnections(-1);
  if (const auto turn = turn_.lock()) turn->NoteGone();
  group_->closed();
}

void Connection::AwaitBytes() {
  // A client that sends ahead of its answers is not read for ever.
  const bool ahead =
      state_ == State::kAnswering && reader_.kept_bytes() > group_->limits.head_bytes;
  if (awaiting_ || ahead || state_ == State::kClosed) return;
  awaiting_ = true;
  wire_->AwaitBytes([self = shared_from_this()](const error_code& error) {
    self->awaiting_ = false;
    self->OnReadable(error);
  });
}

void Connection::OnReadable(const error_code& error) {
  if (state_ == State::kClosed) return;
  if (error) return Close();
  static thread_local std::array<char, kReadBytes> bytes;
  error_code failed;
  const std::size_t count = wire_->Read(boost::asio::buffer(bytes), failed);
  if (failed == boost::asio::error::would_block) return AwaitBytes();
  if (failed == boost::asio::error::eof) return OnEnd();
  if (failed) return Close();
  if (state_ == State::kLingering) {
    dropped_bytes_ += count;
    if (dropped_bytes_ > kMaxDropped) return Close();
    return AwaitBytes();
  }
  reader_.Feed({bytes.data(), count});
  if (state_ == State::kReading) Advance();
  AwaitBytes();
}

// The client sends no more. Some still read then; but who waits for a stream has gone.
void Connection::OnEnd() {
  const auto turn = turn_.lock();
  const bool reads = state_ == State::kAnswering && (turn == nullptr || !turn->watched());
  if (!reads) Close();
}

void Connection::Advance() {
  using Stage = RequestReader::State;
  switch (reader_.state()) {
    case Stage::kIdle:
    case Stage::kBody:
      return;
    case Stage::kHead:
      if (!std::exchange(in_head_, true)) Limit(group_->limits.head);
      return;
    case Stage::kJudge:
      return Judge();
    case Stage::kDone:
      return Dispatch();
    case Stage::kRefused: {
      const RequestReader::Refusal refusal = reader_.refusal();
      const bool is_long = refusal.status == 413 || refusal.status == 431;
      return Refuse(refusal.status, is_long ? http_reason::kTooLong : reason::kMalformed,
                    refusal.why);
    }
  }
}

void Connection::Judge() {
  in_head_ = false;
  Request& head = reader_.head();
  head.peer = peer_;
  head.id = ChooseRequestId(head.Header(kRequestIdHeader));
  verdict_ = group_->entrance.Judge(head);
  if (verdict_.route == nullptr) {
    Request refused = head;
    // What it sends is not read, so nothing behind it can be.
    refused.persistent = refused.persistent && !reader_.has_body();
    reader_.AcceptBody(0);
    if (refused.persistent) reader_.Take();
    return AnswerAtOnce(refused, std::move(verdict_.answer), verdict_.refused);
  }
  const std::size_t most = verdict_.route->max_body_bytes;
  const auto announced = static_cast<std::size_t>(reader_.body_bytes().value_or(most));
  if (announced <= most && !Reserve(announced)) {
    return Refuse(503, http_reason::kBusy, "too much is being sent here at once; try again");
  }
  const bool wants_continue = reader_.expects_continue();
  reader_.AcceptBody(most);
  if (reader_.state() == RequestReader::State::kBody) {
    if (wants_continue) Send({"HTTP/1.1 100 Continue\r\n\r\n"});
    Limit(group_->limits.body);
  }
  Advance();
}

bool Connection::Reserve(std::size_t bytes) {
  if (group_->body_bytes + bytes > group_->limits.all_bodies_bytes) return false;
  group_->body_bytes += bytes;
  reserved_bytes_ = bytes;
  return true;
}

void Connection::Dispatch() {
  state_ = State::kAnswering;
  Unlimit();
  Request request = reader_.Take();
  // Of chunks, as many bytes as may come were reserved.
  const std::size_t kept = request.body.size();
  group_->body_bytes -= std::exchange(reserved_bytes_, 0) - kept;
  const auto turn = std::make_shared<Turn>(shared_from_this(), std::move(request), *verdict_.route,
                                           *verdict_.errors, kept);
  turn_ = turn;
  verdict_.route->handle(turn);
}

void Connection::Refuse(int status, absl::string_view reason, absl::string_view why) {
  Failure failure = Refusal(status, reason, why);
  if (status == 503) failure.status = WithRetry(std::move(failure.status), kRetryBody);
  Request refused = reader_.head();
  refused.persistent = false;
  if (refused.id.empty()) refused.id = ChooseRequestId("");
  const ErrorShape& shape = verdict_.errors != nullptr ? *verdict_.errors : GoogleErrorShape;
  AnswerAtOnce(refused, ToResponse(failure, shape), reason);
}

void Connection::AnswerAtOnce(const Request& request, Response response,
                              absl::string_view refused) {
  state_ = State::kAnswering;
  group_->body_bytes -= std::exchange(reserved_bytes_, 0);
  Request asked = request;
  asked.persistent = asked.persistent && !group_->draining;
  group_->origins.Mark(asked, response);
  const std::size_t length = response.body == nullptr ? 0 : response.body->size();
  response.headers.push_back({kRequestIdHeader, asked.id});
  if (MayHaveBody(response.status)) {
    response.headers.push_back({"Content-Length", absl::StrCat(length)});
  }
  Complete(response, asked);
  group_->meter.NoteAnswer(verdict_.route, response.status, absl::ZeroDuration(), refused);
  Send({SerializeHead(response)});
  if (length > 0 && asked.method != "HEAD") Send({"", response.body});
  FinishAnswer(asked.persistent);
}

void Connection::Complete(Response& response, const Request& request) const {
  response.headers.push_back({"Date", HttpDate()});
  if (!request.persistent) {
    response.headers.push_back({"Connection", "close"});
  } else if (!request.chunks) {
    response.headers.push_back({"Connection", "keep-alive"});
  }
}

void Connection::Send(Piece piece) {
  if (state_ == State::kClosed) return;
  outbox_.push_back(std::move(piece));
  if (!writing_) WriteMore();
}

void Connection::WriteMore() {
  writing_ = true;
  Wire::Buffers buffers;
  for (const Piece& piece : outbox_) {
    if (buffers.size() == kMaxBuffers) break;
    buffers.push_back(boost::asio::buffer(piece.bytes()));
  }
  buffers.front() += sent_bytes_;
  if (state_ == State::kAnswering) Limit(group_->limits.write);
  wire_->Write(buffers, [self = shared_from_this()](const error_code& error, std::size_t bytes) {
    self->writing_ = false;
    self->OnWritten(error, bytes);
  });
}

void Connection::OnWritten(const error_code& error, std::size_t bytes) {
  if (state_ == State::kClosed) {
    outbox_.clear();
    return;
  }
  if (error) return Close();
  std::vector<Callback> written;
  sent_bytes_ += bytes;
  while (!outbox_.empty() && sent_bytes_ >= outbox_.front().bytes().size()) {
    sent_bytes_ -= outbox_.front().bytes().size();
    if (outbox_.front().written != nullptr) written.push_back(std::move(outbox_.front().written));
    outbox_.pop_front();
  }
  if (!outbox_.empty()) {
    WriteMore();
  } else if (state_ == State::kAnswering) {
    Unlimit();
  }
  for (Callback& told : written) told();
  if (outbox_.empty() && finishing_.has_value()) GoOn();
}

void Connection::FinishAnswer(bool persistent) {
  finishing_ = persistent;
  if (outbox_.empty()) GoOn();
}

void Connection::GoOn() {
  if (state_ == State::kClosed) return;
  const bool persistent = *std::exchange(finishing_, std::nullopt) && !group_->draining;
  verdict_ = {};
  if (!persistent) return Linger();
  state_ = State::kReading;
  Limit(group_->limits.idle);
  reader_.Feed("");
  Advance();
  AwaitBytes();
}

// What is unread when a socket is closed takes the answer with it.
void Connection::Linger() {
  state_ = State::kLingering;
  wire_->EndSending();
  Limit(group_->limits.linger);
  AwaitBytes();
}

void Connection::Limit(absl::Duration time) {
  timer_.expires_after(absl::ToChronoNanoseconds(time));
  timer_.async_wait([weak = weak_from_this(), limit = ++limit_](const error_code& error) {
    if (error) return;
    const auto self = weak.lock();
    if (self != nullptr && self->limit_ == limit) self->OnTimeout();
  });
}

// A handler that is queued already is not called back by the timer.
void Connection::Unlimit() {
  ++limit_;
  timer_.cancel();
}

void Connection::OnTimeout() {
  const bool reading = state_ == State::kReading && !writing_;
  const bool begun = reader_.state() != RequestReader::State::kIdle;
  if (!reading || !begun) return Close();
  in_head_ = false;
  Refuse(408, http_reason::kTooSlow, "the request did not come in time");
}

}  // namespace darkroom::server::http
