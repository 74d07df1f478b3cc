#include "common/metrics/listener.h"

#include <array>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>
#include <chrono>
#include <optional>
#include <string>
#include <thread>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "common/acceptor.h"
#include "common/status_macros.h"

namespace darkroom::metrics {
namespace {

namespace beast = boost::beast;
namespace http = boost::beast::http;
using boost::asio::ip::tcp;
using boost::system::error_code;

constexpr std::uint32_t kMaxHeader = 8 * 1024;
constexpr std::size_t kMaxBuffer = 2 * kMaxHeader;
constexpr std::size_t kMaxDropped = 256 * 1024;
constexpr std::chrono::milliseconds kAfterError(100);
constexpr char kText[] = "text/plain; version=0.0.4; charset=utf-8";

using Response = http::response<http::string_body>;

Response MakeResponse(http::status status, std::string body) {
  Response response(status, 11);
  response.set(http::field::content_type, kText);
  response.set(http::field::cache_control, "no-store");
  response.body() = std::move(body);
  return response;
}

Response Refuse(http::status status) {
  return MakeResponse(status, absl::StrCat(std::string(http::obsolete_reason(status)), "\n"));
}

// What a request that cannot be read is told; none where nobody is there to be told.
std::optional<http::status> StatusOf(const error_code& error) {
  if (error == http::error::end_of_stream || error == http::error::partial_message) return {};
  if (error.category() != make_error_code(http::error::bad_method).category()) return {};
  if (error == http::error::header_limit || error == http::error::buffer_overflow) {
    return http::status::request_header_fields_too_large;
  }
  if (error == http::error::body_limit || error == http::error::unexpected_body) {
    return http::status::payload_too_large;
  }
  if (error == http::error::bad_version) return http::status::http_version_not_supported;
  return http::status::bad_request;
}

}  // namespace

// Everything but `patience` and the pages is its thread's.
struct Listener::Engine {
  class Session;

  explicit Engine(Options given) : options(std::move(given)) {}

  void Accept();
  void Take(tcp::socket socket);
  void NoteClosed();
  Response Answer(const http::request<http::empty_body>& request) const;

  const Options options;
  int sessions = 0;  // sessions that the context still holds lower it when that is destroyed
  bool accepting = false;
  bool closing = false;
  boost::asio::io_context context{1};
  tcp::acceptor acceptor{context};
  boost::asio::steady_timer retry{context};
  std::thread thread;
};

// One connection. It lives as long as a handler of its own does.
class Listener::Engine::Session : public std::enable_shared_from_this<Listener::Engine::Session> {
 public:
  Session(Engine& engine, tcp::socket socket) : engine_(engine), stream_(std::move(socket)) {}
  ~Session() { engine_.NoteClosed(); }
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  void Read() {
    parser_.emplace();
    parser_->header_limit(kMaxHeader);
    parser_->body_limit(std::uint64_t{0});
    LimitTime();
    http::async_read(
        stream_, buffer_, *parser_,
        [self = shared_from_this()](const error_code& error, std::size_t) { self->OnRead(error); });
  }

 private:
  void LimitTime() { stream_.expires_after(absl::ToChronoNanoseconds(engine_.options.patience)); }

  void OnRead(const error_code& error) {
    if (!error) return Write(engine_.Answer(parser_->get()), parser_->keep_alive());
    if (const std::optional<http::status> status = StatusOf(error)) Write(Refuse(*status), false);
  }

  void Write(Response response, bool keep_alive) {
    response_ = std::move(response);
    response_.keep_alive(keep_alive);
    response_.prepare_payload();
    LimitTime();
    http::async_write(
        stream_, response_,
        [self = shared_from_this(), keep_alive](const error_code& error, std::size_t) {
          if (error) return;
          if (keep_alive) return self->Read();
          self->End();
        });
  }

  // Bytes that lie unread when a socket is closed make the peer lose the answer: so what still
  // comes is read, for a while, and dropped.
  void End() {
    error_code ignored;
    stream_.socket().shutdown(tcp::socket::shutdown_send, ignored);
    LimitTime();
    Drop();
  }
  void Drop() {
    stream_.async_read_some(
        boost::asio::buffer(dropped_),
        [self = shared_from_this()](const error_code& error, std::size_t bytes) {
          self->dropped_bytes_ += bytes;
          if (!error && self->dropped_bytes_ < kMaxDropped) self->Drop();
        });
  }

  Engine& engine_;
  beast::tcp_stream stream_;
  beast::flat_buffer buffer_{kMaxBuffer};
  std::optional<http::request_parser<http::empty_body>> parser_;
  Response response_;
  std::array<char, 4096> dropped_ = {};
  std::size_t dropped_bytes_ = 0;
};

void Listener::Engine::Accept() {
  if (accepting || sessions >= options.max_connections) return;
  accepting = true;
  acceptor.async_accept([this](const error_code& error, tcp::socket socket) {
    accepting = false;
    if (!error) {
      Take(std::move(socket));
      return Accept();
    }
    // Out of descriptors, for example: trying again at once would spin.
    retry.expires_after(kAfterError);
    retry.async_wait([this](const error_code& stopped) {
      if (!stopped) Accept();
    });
  });
}

void Listener::Engine::Take(tcp::socket socket) {
  ++sessions;
  std::make_shared<Session>(*this, std::move(socket))->Read();
}

void Listener::Engine::NoteClosed() {
  --sessions;
  if (!closing) Accept();
}

Response Listener::Engine::Answer(const http::request<http::empty_body>& request) const {
  const absl::string_view target(request.target().data(), request.target().size());
  const absl::string_view path = target.substr(0, target.find('?'));
  if (path != "/metrics" && path != "/healthz" && path != "/livez") {
    return Refuse(http::status::not_found);
  }
  if (request.method() != http::verb::get) {
    Response refusal = Refuse(http::status::method_not_allowed);
    refusal.set(http::field::allow, "GET");
    return refusal;
  }
  if (path == "/metrics") return MakeResponse(http::status::ok, options.metrics());
  const bool asked = path == "/healthz" && options.healthy != nullptr;
  const absl::Status health = asked ? options.healthy() : absl::OkStatus();
  if (health.ok()) return MakeResponse(http::status::ok, "ok\n");
  return MakeResponse(http::status::service_unavailable, absl::StrCat(health.message(), "\n"));
}

Listener::Listener(std::unique_ptr<Engine> engine) : engine_(std::move(engine)) {}

absl::StatusOr<std::unique_ptr<Listener>> Listener::Start(Options options) {
  auto engine = std::make_unique<Engine>(std::move(options));
  DARKROOM_RETURN_IF_ERROR(OpenAcceptor(engine->options.listen, engine->acceptor));
  engine->Accept();
  engine->thread = std::thread([context = &engine->context] { context->run(); });
  return std::unique_ptr<Listener>(new Listener(std::move(engine)));
}

Listener::~Listener() {
  engine_->context.stop();
  engine_->thread.join();
  engine_->closing = true;
}

int Listener::port() const { return engine_->acceptor.local_endpoint().port(); }

}  // namespace darkroom::metrics
