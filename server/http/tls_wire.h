#ifndef DARKROOM_SERVER_HTTP_TLS_WIRE_H_
#define DARKROOM_SERVER_HTTP_TLS_WIRE_H_

#include <boost/asio/ip/tcp.hpp>
#include <memory>

#include "server/http/certificate.h"
#include "server/http/wire.h"

namespace darkroom::server::http {

// A wire under TLS 1.2 or 1.3, whose server is what `certificate` is now.
std::shared_ptr<Wire> MakeTlsWire(boost::asio::ip::tcp::socket socket,
                                  const Certificate& certificate);

}  // namespace darkroom::server::http

#endif  // DARKROOM_SERVER_HTTP_TLS_WIRE_H_
