#include "server/http/request_reader.h"

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "server/http/target.h"

namespace darkroom::server::http {
namespace {

namespace beast_http = boost::beast::http;
using boost::system::error_code;

std::string ToString(boost::beast::string_view text) { return {text.data(), text.size()}; }

// What is wrong with a head that has been parsed; a status of 0: nothing.
RequestReader::Refusal CheckHead(const beast_http::request<beast_http::string_body>& head) {
  const auto hosts = head.equal_range(beast_http::field::host);
  const auto host_count = std::distance(hosts.first, hosts.second);
  if (host_count > 1 || (host_count == 0 && head.version() == 11)) {
    return {400, "a request of HTTP/1.1 has one Host header"};
  }
  const auto encodings = head.equal_range(beast_http::field::transfer_encoding);
  if (encodings.first != encodings.second) {
    if (head.version() == 10) return {400, "HTTP/1.0 has no Transfer-Encoding"};
    const std::string encoding = ToString(encodings.first->value());
    if (std::distance(encodings.first, encodings.second) > 1 ||
        !absl::EqualsIgnoreCase(encoding, "chunked")) {
      return {501, "of transfer encodings only \"chunked\" is understood"};
    }
    if (head.find(beast_http::field::content_length) != head.end()) {
      return {400, "a request has a Content-Length or a Transfer-Encoding, not both"};
    }
  }
  const auto expect = head.find(beast_http::field::expect);
  if (expect != head.end() && !absl::EqualsIgnoreCase(ToString(expect->value()), "100-continue")) {
    return {417, "the only expectation that is understood is \"100-continue\""};
  }
  return {0, ""};
}

RequestReader::Refusal RefusalOf(const error_code& error) {
  if (error == beast_http::error::header_limit) return {431, "the head is too long"};
  if (error == beast_http::error::bad_version) return {505, "only HTTP/1.0 and 1.1 are spoken"};
  return {400, absl::StrCat("the request is not HTTP: ", error.message())};
}

}  // namespace

struct RequestReader::Parser {
  beast_http::request_parser<beast_http::string_body> http;
};

RequestReader::RequestReader(std::size_t max_head_bytes) : max_head_bytes_(max_head_bytes) {}
RequestReader::~RequestReader() = default;

void RequestReader::Feed(absl::string_view bytes) {
  kept_.append(bytes.data(), bytes.size());
  Parse();
}

void RequestReader::Begin() {
  parser_ = std::make_unique<Parser>();
  parser_->http.header_limit(static_cast<std::uint32_t>(max_head_bytes_));
  // The length is judged with the head, and what has come of a body beside it.
  parser_->http.body_limit(boost::none);
  state_ = State::kHead;
  used_bytes_ = 0;
}

void RequestReader::Parse() {
  if (state_ == State::kIdle && !kept_.empty()) Begin();
  while (state_ == State::kHead || state_ == State::kBody) {
    const bool in_head = state_ == State::kHead;
    error_code error;
    std::size_t used = 0;
#ifndef __clang_analyzer__  // it takes what Beast's parser reads for not initialised
    used = parser_->http.put(boost::asio::buffer(kept_), error);
#endif
    kept_.erase(0, used);
    used_bytes_ += used;
    if (error && error != beast_http::error::need_more) {
      const Refusal refusal = RefusalOf(error);
      return Refuse(refusal.status, refusal.why);
    }
    // The parser's own limit is one of each call of put.
    if (used_bytes_ > MostBytes(in_head)) return Refuse(431, "the head is too long");
    if (in_head && parser_->http.is_header_done()) return OnHead();
    if (parser_->http.get().body().size() > max_body_bytes_ && !in_head) {
      return Refuse(413, absl::StrCat("the body is longer than ", max_body_bytes_, " bytes"));
    }
    if (parser_->http.is_done()) {
      state_ = State::kDone;
      return;
    }
    if (kept_.empty() || used == 0 || error) break;
  }
  // What the parser did not use is a line that has not ended, and none may be that long.
  if ((state_ == State::kHead || state_ == State::kBody) && kept_.size() > max_head_bytes_) {
    Refuse(431, "a line is too long");
  }
}

// Beside a body, its chunks' lines and what follows the last of them may be as long as a head, and
// longer by what the smallest chunks need.
std::size_t RequestReader::MostBytes(bool in_head) const {
  constexpr std::size_t kBytesOfASmallChunk = 6;
  if (in_head) return max_head_bytes_;
  return max_head_bytes_ + kBytesOfASmallChunk * parser_->http.get().body().size();
}

void RequestReader::OnHead() {
  used_bytes_ = 0;
  const auto& head = parser_->http.get();
  const Refusal refusal = CheckHead(head);
  if (refusal.status != 0) return Refuse(refusal.status, refusal.why);
  const std::optional<Target> target = ParseTarget(ToString(head.target()));
  if (!target.has_value()) return Refuse(400, "the target is no path");
  request_ = {};
  request_.method = ToString(head.method_string());
  request_.path = target->path;
  request_.query = target->query;
  request_.persistent = parser_->http.keep_alive();
  request_.chunks = head.version() == 11;
  for (const auto& field : head) {
    request_.headers.push_back({ToString(field.name_string()), ToString(field.value())});
  }
  state_ = State::kJudge;
}

bool RequestReader::has_body() const {
  return parser_->http.chunked() || parser_->http.content_length().value_or(0) > 0;
}

std::optional<std::uint64_t> RequestReader::body_bytes() const {
  if (parser_->http.chunked()) return std::nullopt;
  return parser_->http.content_length().value_or(0);
}

bool RequestReader::expects_continue() const {
  return has_body() && kept_.empty() && request_.chunks && !request_.Header("expect").empty();
}

void RequestReader::AcceptBody(std::size_t max_bytes) {
  max_body_bytes_ = max_bytes;
  if (body_bytes().value_or(0) > max_bytes) {
    return Refuse(413, absl::StrCat("the body is longer than ", max_bytes, " bytes"));
  }
  if (!has_body()) {
    state_ = State::kDone;
    return;
  }
  parser_->http.eager(true);
  state_ = State::kBody;
  Parse();
}

Request RequestReader::Take() {
  Request taken = std::exchange(request_, {});
  taken.body = std::move(parser_->http.get().body());
  parser_ = nullptr;
  state_ = State::kIdle;
  return taken;
}

void RequestReader::Refuse(int status, absl::string_view why) {
  refusal_ = {status, std::string(why)};
  state_ = State::kRefused;
}

}  // namespace darkroom::server::http
