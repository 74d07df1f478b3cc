#ifndef DARKROOM_COMMON_ACCEPTOR_H_
#define DARKROOM_COMMON_ACCEPTOR_H_

#include <boost/asio/ip/tcp.hpp>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace darkroom {

// Has the acceptor listen on an address as ParseListenAddress reads it; looking up the name of a
// host may block. INVALID_ARGUMENT when it is no address; UNAVAILABLE when it is not this machine's
// or is taken.
absl::Status OpenAcceptor(absl::string_view listen, boost::asio::ip::tcp::acceptor& acceptor);

}  // namespace darkroom

#endif  // DARKROOM_COMMON_ACCEPTOR_H_
