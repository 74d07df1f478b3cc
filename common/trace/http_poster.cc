#include "common/trace/http_poster.h"

#include <atomic>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>
#include <optional>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "absl/time/clock.h"
#include "common/listen_address.h"

namespace darkroom::trace {
namespace {

namespace beast = boost::beast;
namespace http = boost::beast::http;
using boost::asio::ip::tcp;
using boost::system::error_code;

constexpr char kUsualTarget[] = "/v1/traces";
constexpr std::uint64_t kMaxAnswer = 64 * 1024;

absl::Status NoEndpoint(absl::string_view url) {
  return absl::InvalidArgumentError(
      absl::StrCat("\"", url,
                   "\" is not http://HOST:PORT/PATH, as in http://127.0.0.1:4318/v1/traces; for a "
                   "server behind TLS or with a key, put an OpenTelemetry collector in between"));
}

// As a URL has it.
std::string HostOf(const HttpEndpoint& endpoint) {
  const bool is_ipv6 = absl::StrContains(endpoint.host, ':');
  return absl::StrCat(is_ipv6 ? "[" : "", endpoint.host, is_ipv6 ? "]:" : ":", endpoint.port);
}

}  // namespace

absl::StatusOr<HttpEndpoint> ParseHttpEndpoint(absl::string_view url) {
  absl::string_view rest = url;
  if (!absl::ConsumePrefix(&rest, "http://")) return NoEndpoint(url);
  const std::size_t slash = rest.find('/');
  const absl::StatusOr<ListenAddress> address = ParseListenAddress(rest.substr(0, slash));
  if (!address.ok() || address->port == 0) return NoEndpoint(url);
  HttpEndpoint endpoint = {.host = address->host, .port = address->port, .target = kUsualTarget};
  if (slash != absl::string_view::npos && slash + 1 < rest.size()) {
    endpoint.target = std::string(rest.substr(slash));
  }
  for (const char c : absl::StrCat(endpoint.host, endpoint.target)) {
    // What would end the line of a request, or its header.
    if (c <= ' ' || c == 0x7f || c == '@') return NoEndpoint(url);
  }
  return endpoint;
}

struct HttpPoster::Impl {
  explicit Impl(HttpEndpoint given) : endpoint(std::move(given)) {}

  // Runs what was begun to its end.
  void Finish() {
    context.restart();
    if (!cancelled) context.run();
  }
  error_code Connect(absl::Duration patience);
  absl::StatusOr<int> Exchange(const http::request<http::string_body>& request,
                               absl::Duration patience);

  const HttpEndpoint endpoint;
  std::atomic<bool> cancelled = false;
  boost::asio::io_context context{1};
  std::optional<beast::tcp_stream> stream;  // none: not connected
};

error_code HttpPoster::Impl::Connect(absl::Duration patience) {
  error_code error;
  tcp::resolver resolver(context);
  const tcp::resolver::results_type found =
      resolver.resolve(endpoint.host, absl::StrCat(endpoint.port), error);
  if (error) return error;
  stream.emplace(context);
  stream->expires_after(absl::ToChronoNanoseconds(patience));
  error = boost::asio::error::operation_aborted;
  stream->async_connect(
      found, [&error](const error_code& connected, const tcp::endpoint&) { error = connected; });
  Finish();
  return error;
}

absl::StatusOr<int> HttpPoster::Impl::Exchange(const http::request<http::string_body>& request,
                                               absl::Duration patience) {
  error_code error = boost::asio::error::operation_aborted;
  beast::flat_buffer buffer;
  http::response_parser<http::string_body> parser;
  parser.body_limit(kMaxAnswer);
  stream->expires_after(absl::ToChronoNanoseconds(patience));
  http::async_write(*stream, request, [&](const error_code& written, std::size_t) {
    error = written;
    if (written) return;
    error = boost::asio::error::operation_aborted;
    http::async_read(*stream, buffer, parser,
                     [&](const error_code& read, std::size_t) { error = read; });
  });
  Finish();
  if (error) return absl::UnavailableError(error.message());
  if (!parser.get().keep_alive()) stream.reset();
  return static_cast<int>(parser.get().result_int());
}

HttpPoster::HttpPoster(HttpEndpoint endpoint)
    : impl_(std::make_unique<Impl>(std::move(endpoint))) {}
HttpPoster::~HttpPoster() = default;

absl::StatusOr<int> HttpPoster::Post(std::string body, absl::Duration patience) {
  const absl::Time end = absl::Now() + patience;
  http::request<http::string_body> request(http::verb::post, impl_->endpoint.target, 11,
                                           std::move(body));
  request.set(http::field::host, HostOf(impl_->endpoint));
  request.set(http::field::user_agent, "darkroom");
  request.set(http::field::content_type, "application/json");
  request.prepare_payload();
  // The other side may have closed a kept connection meanwhile: then another is worth a try.
  const bool kept = impl_->stream.has_value();
  absl::StatusOr<int> answer = absl::UnavailableError("not connected");
  if (kept) answer = impl_->Exchange(request, end - absl::Now());
  if (!answer.ok() && absl::Now() < end && !impl_->cancelled) {
    const error_code error = impl_->Connect(end - absl::Now());
    answer = error ? absl::UnavailableError(error.message())
                   : impl_->Exchange(request, end - absl::Now());
  }
  if (!answer.ok()) impl_->stream.reset();
  return answer;
}

void HttpPoster::Cancel() {
  impl_->cancelled = true;
  impl_->context.stop();
}

}  // namespace darkroom::trace
