#include "common/trace/testing/http_recorder.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>
#include <memory>
#include <thread>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "common/mutex.h"

namespace darkroom::trace {
namespace {

namespace http = boost::beast::http;
using boost::asio::ip::tcp;
using boost::system::error_code;

constexpr absl::Duration kPatience = absl::Minutes(1);

}  // namespace

struct HttpRecorder::Impl {
  struct Session;

  void Accept();
  // Keeps the request; returns what to answer.
  http::response<http::empty_body> Keep(const http::request<http::string_body>& request);

  boost::asio::io_context context{1};
  tcp::acceptor acceptor{context, tcp::endpoint(boost::asio::ip::address_v4::loopback(), 0)};
  std::thread thread;
  std::vector<std::shared_ptr<Session>> silent;  // the thread's: connections that are kept waiting

  mutable Mutex mutex;
  int status ABSL_GUARDED_BY(mutex) = 200;
  bool keep_alive ABSL_GUARDED_BY(mutex) = true;
  int connections ABSL_GUARDED_BY(mutex) = 0;
  std::vector<Request> requests ABSL_GUARDED_BY(mutex);
};

struct HttpRecorder::Impl::Session : std::enable_shared_from_this<HttpRecorder::Impl::Session> {
  Session(Impl& owner, tcp::socket accepted) : recorder(owner), socket(std::move(accepted)) {}

  void Read() {
    request = {};
    http::async_read(socket, buffer, request,
                     [self = shared_from_this()](const error_code& error, std::size_t) {
                       if (!error) self->Answer();
                     });
  }
  void Answer() {
    response = recorder.Keep(request);
    if (response.result_int() == kSilence) {
      recorder.silent.push_back(shared_from_this());
      return;
    }
    http::async_write(socket, response,
                      [self = shared_from_this()](const error_code& error, std::size_t) {
                        if (!error && self->response.keep_alive()) self->Read();
                      });
  }

  Impl& recorder;
  tcp::socket socket;
  boost::beast::flat_buffer buffer;
  http::request<http::string_body> request;
  http::response<http::empty_body> response;
};

void HttpRecorder::Impl::Accept() {
  acceptor.async_accept([this](const error_code& error, tcp::socket socket) {
    if (error) return;
    {
      MutexLock lock(&mutex);
      ++connections;
    }
    std::make_shared<Session>(*this, std::move(socket))->Read();
    Accept();
  });
}

http::response<http::empty_body> HttpRecorder::Impl::Keep(
    const http::request<http::string_body>& request) {
  MutexLock lock(&mutex);
  requests.push_back({.target = std::string(request.target()),
                      .content_type = std::string(request[http::field::content_type]),
                      .body = request.body()});
  http::response<http::empty_body> response;
  response.result(static_cast<unsigned>(status));
  response.keep_alive(keep_alive);
  response.prepare_payload();
  return response;
}

HttpRecorder::HttpRecorder() : impl_(std::make_unique<Impl>()) {
  impl_->Accept();
  impl_->thread = std::thread([this] { impl_->context.run(); });
}

HttpRecorder::~HttpRecorder() {
  impl_->context.stop();
  impl_->thread.join();
  impl_->silent.clear();
}

std::string HttpRecorder::url() const {
  return absl::StrCat("http://127.0.0.1:", impl_->acceptor.local_endpoint().port(), "/v1/traces");
}

void HttpRecorder::SetStatus(int status) {
  MutexLock lock(&impl_->mutex);
  impl_->status = status;
}

void HttpRecorder::SetKeepAlive(bool keep_alive) {
  MutexLock lock(&impl_->mutex);
  impl_->keep_alive = keep_alive;
}

std::vector<HttpRecorder::Request> HttpRecorder::requests() const {
  MutexLock lock(&impl_->mutex);
  return impl_->requests;
}

int HttpRecorder::connections() const {
  MutexLock lock(&impl_->mutex);
  return impl_->connections;
}

bool HttpRecorder::Await(const std::function<bool(const std::vector<Request>&)>& holds) const {
  MutexLock lock(&impl_->mutex);
  return impl_->mutex.AwaitWithTimeout(
      [&]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(impl_->mutex) { return holds(impl_->requests); },
      kPatience);
}

}  // namespace darkroom::trace
