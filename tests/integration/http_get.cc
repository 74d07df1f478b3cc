#include "tests/integration/http_get.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace darkroom::testing {

absl::StatusOr<std::string> HttpGet(const cli::HostPort& address, absl::string_view target) {
  using boost::asio::ip::tcp;
  boost::asio::io_context context;
  tcp::socket socket(context);
  boost::system::error_code error;
  socket.connect({boost::asio::ip::make_address(address.host),
                  static_cast<boost::asio::ip::port_type>(address.port)},
                 error);
  if (error) return absl::UnavailableError(error.message());
  // HTTP/1.0: the answer comes as it is, and the connection ends with it.
  const std::string request = absl::StrCat("GET ", target, " HTTP/1.0\r\n\r\n");
  boost::asio::write(socket, boost::asio::buffer(request), error);
  std::string answer;
  boost::asio::read(socket, boost::asio::dynamic_buffer(answer), error);
  const std::size_t head = answer.find("\r\n\r\n");
  if (head == std::string::npos || !absl::StartsWith(answer, "HTTP/1.") ||
      answer.substr(8, 5) != " 200 ") {
    return absl::UnavailableError(absl::StrCat(target, ": ", answer.substr(0, 300)));
  }
  return answer.substr(head + 4);
}

std::string PercentEncoded(absl::string_view text) {
  std::string encoded;
  for (const char c : text) {
    if (absl::ascii_isalnum(static_cast<unsigned char>(c))) {
      encoded += c;
    } else {
      absl::StrAppendFormat(&encoded, "%%%02X", static_cast<unsigned char>(c));
    }
  }
  return encoded;
}

}  // namespace darkroom::testing
