#include "server/http/wire.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <utility>

namespace darkroom::server::http {
namespace {

using boost::asio::ip::tcp;
using boost::system::error_code;

constexpr int kUnsentBytes = 16 << 10;

class PlainWire : public Wire {
 public:
  explicit PlainWire(tcp::socket socket) : socket_(std::move(socket)) { PrepareSocket(socket_); }

  void AwaitBytes(Ready ready) override {
    socket_.async_wait(tcp::socket::wait_read, std::move(ready));
  }
  std::size_t Read(boost::asio::mutable_buffer into, error_code& error) override {
    return socket_.read_some(into, error);
  }
  void Write(const Buffers& buffers, Written written) override {
    socket_.async_write_some(buffers, std::move(written));
  }
  void EndSending() override {
    error_code ignored;
    socket_.shutdown(tcp::socket::shutdown_send, ignored);
  }
  void HoldLittle() override { HoldLittleOf(socket_); }
  void Close() override {
    error_code ignored;
    socket_.close(ignored);
  }

 private:
  tcp::socket socket_;
};

}  // namespace

std::shared_ptr<Wire> MakePlainWire(tcp::socket socket) {
  return std::make_shared<PlainWire>(std::move(socket));
}

void PrepareSocket(tcp::socket& socket) {
  error_code ignored;
  socket.non_blocking(true, ignored);
  socket.set_option(tcp::no_delay(true), ignored);
}

void HoldLittleOf(tcp::socket& socket) {
  const int bytes = kUnsentBytes;
  setsockopt(socket.native_handle(), IPPROTO_TCP, TCP_NOTSENT_LOWAT, &bytes, sizeof(bytes));
}

}  // namespace darkroom::server::http
