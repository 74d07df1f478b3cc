#include "server/http/tls_wire.h"

#include <algorithm>
#include <array>
#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>
#include <optional>
#include <string>
#include <utility>

#include "server/http/tls_session.h"

namespace darkroom::server::http {
namespace {

using boost::asio::ip::tcp;
using boost::system::error_code;

constexpr std::size_t kReadBytes = 64 << 10;

class TlsWire : public Wire, public std::enable_shared_from_this<TlsWire> {
 public:
  TlsWire(tcp::socket socket, const Certificate& certificate)
      : socket_(std::move(socket)), session_(certificate.context()) {
    PrepareSocket(socket_);
  }

  void AwaitBytes(Ready ready) override;
  std::size_t Read(boost::asio::mutable_buffer into, error_code& error) override;
  void Write(const Buffers& buffers, Written written) override;
  void EndSending() override;
  void HoldLittle() override { HoldLittleOf(socket_); }
  void Close() override;

 private:
  // A piece of text whose record is on its way.
  struct Pending {
    Written written;
    std::size_t bytes = 0;
  };

  void Flush();
  void SendMore();
  void OnSent(const error_code& error, std::size_t bytes);
  void Tell(const error_code& error);

  tcp::socket socket_;
  TlsSession session_;
  std::string sending_;   // being sent
  std::size_t sent_ = 0;  // of it
  std::string records_;   // to be sent next
  std::optional<Pending> pending_;
  bool ending_ = false;
  bool more_ = false;  // may be left of what has come
};

void TlsWire::AwaitBytes(Ready ready) {
  if (!more_) return socket_.async_wait(tcp::socket::wait_read, std::move(ready));
  boost::asio::post(socket_.get_executor(), [ready = std::move(ready)] { ready(error_code()); });
}

std::size_t TlsWire::Read(boost::asio::mutable_buffer into, error_code& error) {
  static thread_local std::array<char, kReadBytes> bytes;
  error_code failed;
  if (!more_) {
    const std::size_t count = socket_.read_some(boost::asio::buffer(bytes), failed);
    session_.Receive({bytes.data(), count});
  }
  const std::size_t count = session_.Read(static_cast<char*>(into.data()), into.size());
  more_ = count == into.size();
  Flush();
  if (count > 0) return count;
  error = boost::asio::error::would_block;
  if (failed) error = failed;
  if (!session_.open()) error = boost::asio::error::eof;
  if (session_.failed()) error = boost::asio::error::connection_aborted;
  return 0;
}

// A record at a time: more would hold the loop, and a slow reader would seem to take nothing.
void TlsWire::Write(const Buffers& buffers, Written written) {
  std::string text;
  for (const boost::asio::const_buffer& buffer : buffers) {
    const std::size_t room = TlsSession::kRecordBytes - text.size();
    text.append(static_cast<const char*>(buffer.data()), std::min(room, buffer.size()));
  }
  session_.Write(text);
  pending_ = Pending{std::move(written), text.size()};
  boost::asio::post(socket_.get_executor(), [self = shared_from_this()] { self->Flush(); });
}

void TlsWire::EndSending() {
  session_.EndSending();
  ending_ = true;
  Flush();
}

void TlsWire::Close() {
  error_code ignored;
  // What a failed handshake has to say to the client, if the system takes it.
  if (sending_.empty()) socket_.write_some(boost::asio::buffer(records_), ignored);
  socket_.close(ignored);
}

void TlsWire::Flush() {
  records_.append(session_.TakeOutput());
  if (sending_.empty()) SendMore();
}

void TlsWire::SendMore() {
  if (sending_.empty()) sending_ = std::exchange(records_, {});
  if (!sending_.empty()) {
    return socket_.async_write_some(
        boost::asio::buffer(sending_) + sent_,
        [self = shared_from_this()](const error_code& error, std::size_t bytes) {
          self->OnSent(error, bytes);
        });
  }
  error_code error;
  if (session_.failed()) error = boost::asio::error::connection_aborted;
  Tell(error);
  if (ending_) socket_.shutdown(tcp::socket::shutdown_send, error);
}

void TlsWire::OnSent(const error_code& error, std::size_t bytes) {
  sent_ += bytes;
  if (sent_ == sending_.size()) {
    sending_ = {};
    sent_ = 0;
  }
  if (error) return Tell(error);
  SendMore();
}

void TlsWire::Tell(const error_code& error) {
  if (!pending_.has_value()) return;
  const Pending told = *std::exchange(pending_, std::nullopt);
  told.written(error, error ? 0 : told.bytes);
}

}  // namespace

std::shared_ptr<Wire> MakeTlsWire(tcp::socket socket, const Certificate& certificate) {
  return std::make_shared<TlsWire>(std::move(socket), certificate);
}

}  // namespace darkroom::server::http
