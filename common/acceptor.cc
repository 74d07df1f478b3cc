#include "common/acceptor.h"

#include "absl/strings/str_cat.h"
#include "common/listen_address.h"
#include "common/status_macros.h"

namespace darkroom {

absl::Status OpenAcceptor(absl::string_view listen, boost::asio::ip::tcp::acceptor& acceptor) {
  using boost::asio::ip::tcp;
  DARKROOM_ASSIGN_OR_RETURN(const ListenAddress address, ParseListenAddress(listen));
  boost::system::error_code error;
  tcp::resolver resolver(acceptor.get_executor());
  const auto found =
      resolver.resolve(address.host, absl::StrCat(address.port), tcp::resolver::passive, error);
  if (!error) {
    const tcp::endpoint endpoint = found.begin()->endpoint();
    acceptor.open(endpoint.protocol(), error);
    if (!error) acceptor.set_option(tcp::acceptor::reuse_address(true), error);
    if (!error) acceptor.bind(endpoint, error);
    if (!error) acceptor.listen(tcp::acceptor::max_listen_connections, error);
  }
  if (!error) return absl::OkStatus();
  return absl::UnavailableError(absl::StrCat("cannot listen on ", listen, ": ", error.message(),
                                             "; name an address of this machine and a free port"));
}

}  // namespace darkroom
