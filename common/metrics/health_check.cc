#include "common/metrics/health_check.h"

#include <boost/asio/error.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/listen_address.h"
#include "common/status_macros.h"

namespace darkroom::metrics {
namespace {

constexpr std::size_t kMaxAnswer = 16 * 1024;

// Who listens on all addresses of a machine is reached by its own.
std::string ReachableHost(const std::string& host) {
  if (host == "0.0.0.0") return "127.0.0.1";
  return host == "::" ? "::1" : host;
}

}  // namespace

absl::Status CheckHealth(absl::string_view listen, absl::Duration patience) {
  DARKROOM_ASSIGN_OR_RETURN(const ListenAddress address, ParseListenAddress(listen));
  if (address.port == 0) {
    return absl::InvalidArgumentError(
        "with port 0 only the process itself knows where it listens; name a port");
  }
  boost::asio::ip::tcp::iostream stream;
  stream.expires_after(absl::ToChronoNanoseconds(patience));
  stream.connect(ReachableHost(address.host), absl::StrCat(address.port));
  // HTTP/1.0: the answer comes as it is, and the connection ends with it.
  stream << "GET /healthz HTTP/1.0\r\n\r\n" << std::flush;
  std::string answer(kMaxAnswer, '\0');
  stream.read(answer.data(), static_cast<std::streamsize>(answer.size()));
  answer.resize(static_cast<std::size_t>(stream.gcount()));
  const std::size_t head = answer.find("\r\n\r\n");
  if (head != std::string::npos && absl::StartsWith(answer, "HTTP/1.")) {
    if (answer.substr(8, 5) == " 200 ") return absl::OkStatus();
    return absl::UnavailableError(
        absl::StripAsciiWhitespace(absl::string_view(answer).substr(head)));
  }
  const boost::system::error_code error = stream.error();
  return absl::UnavailableError(absl::StrCat(
      "nobody answers on ", listen, " as a Darkroom process does",
      error && error != boost::asio::error::eof ? absl::StrCat(": ", error.message()) : ""));
}

}  // namespace darkroom::metrics
