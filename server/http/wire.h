#ifndef DARKROOM_SERVER_HTTP_WIRE_H_
#define DARKROOM_SERVER_HTTP_WIRE_H_

#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <cstddef>
#include <functional>
#include <memory>
#include <vector>

namespace darkroom::server::http {

// One client's bytes, in the clear or under TLS. Loop thread only; handlers run there, later than
// the call, with an error after Close.
class Wire {
 public:
  using Ready = std::function<void(const boost::system::error_code&)>;
  using Written = std::function<void(const boost::system::error_code&, std::size_t bytes)>;
  using Buffers = std::vector<boost::asio::const_buffer>;

  virtual ~Wire() = default;

  // Waits until Read may have something, be that the end. One at a time.
  virtual void AwaitBytes(Ready ready) = 0;
  // What has come; would_block when there is nothing, eof at the end.
  virtual std::size_t Read(boost::asio::mutable_buffer into, boost::system::error_code& error) = 0;
  // Writes some of the buffers, which stay until then. One at a time.
  virtual void Write(const Buffers& buffers, Written written) = 0;
  // After what has been written there is no more.
  virtual void EndSending() = 0;
  // Has the system hold little of what is to be sent, so that a slow reader's next event is a new
  // one.
  virtual void HoldLittle() = 0;
  virtual void Close() = 0;
};

std::shared_ptr<Wire> MakePlainWire(boost::asio::ip::tcp::socket socket);

// Of both kinds: answers go out at once, and no call blocks.
void PrepareSocket(boost::asio::ip::tcp::socket& socket);
void HoldLittleOf(boost::asio::ip::tcp::socket& socket);

}  // namespace darkroom::server::http

#endif  // DARKROOM_SERVER_HTTP_WIRE_H_
