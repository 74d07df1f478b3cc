#include "cli/up/port.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/status_macros.h"

namespace darkroom::cli {
namespace {

constexpr int kLargestPort = 65535;
constexpr std::size_t kMaxAnswer = 512;

absl::StatusOr<sockaddr_in> Resolve(const HostPort& address) {
  sockaddr_in result{};
  result.sin_family = AF_INET;
  result.sin_port = htons(static_cast<std::uint16_t>(address.port));
  const std::string host = address.host == "localhost" ? "127.0.0.1" : address.host;
  if (inet_pton(AF_INET, host.c_str(), &result.sin_addr) != 1) {
    return absl::InvalidArgumentError(absl::StrCat(host, " is not an IPv4 address"));
  }
  return result;
}

const sockaddr* Generic(const sockaddr_in& address) {
  return reinterpret_cast<const sockaddr*>(&address);
}

absl::Status SocketError(absl::string_view what, const HostPort& address) {
  return absl::ErrnoToStatus(errno, absl::StrCat(what, " ", address.ToString()));
}

}  // namespace

std::string HostPort::ToString() const { return absl::StrCat(host, ":", port); }

absl::StatusOr<HostPort> ParseHostPort(absl::string_view text) {
  const std::size_t colon = text.rfind(':');
  HostPort address;
  if (colon == absl::string_view::npos ||
      !absl::SimpleAtoi(text.substr(colon + 1), &address.port) || address.port < 0 ||
      address.port > kLargestPort) {
    return absl::InvalidArgumentError(
        absl::StrCat("\"", text, "\" is not an address; write HOST:PORT, as in 127.0.0.1:50051"));
  }
  address.host = std::string(text.substr(0, colon));
  DARKROOM_RETURN_IF_ERROR(Resolve(address).status());
  return address;
}

absl::StatusOr<HostPort> ReservePort(HostPort address) {
  DARKROOM_ASSIGN_OR_RETURN(sockaddr_in name, Resolve(address));
  const int holder = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (holder < 0) return SocketError("no socket for", address);
  absl::Cleanup closer = [holder] { close(holder); };
  const auto allow_reuse = [holder] {
    const int reuse = 1;
    setsockopt(holder, SOL_SOCKET, SO_REUSEADDR, &reuse, sizeof(reuse));
  };
  const bool any = address.port == 0;
  // A port that was asked for is free as well while its last connections are timing out.
  if (!any) allow_reuse();
  if (bind(holder, Generic(name), sizeof(name)) != 0 || (!any && listen(holder, 1) != 0)) {
    if (errno == EADDRINUSE) {
      return absl::AlreadyExistsError(absl::StrCat(address.ToString(), " is in use"));
    }
    return SocketError("cannot listen on", address);
  }
  if (!any) return address;
  socklen_t size = sizeof(name);
  if (getsockname(holder, reinterpret_cast<sockaddr*>(&name), &size) != 0) {
    return SocketError("cannot listen on", address);
  }
  address.port = ntohs(name.sin_port);
  // Bound, and not closed before this process ends: the system gives the port to nobody who asks
  // for any; and as it does not listen, who asks for this one gets it.
  allow_reuse();
  std::move(closer).Cancel();
  return address;
}

absl::StatusOr<std::string> Exchange(const HostPort& address, absl::string_view request,
                                     absl::Duration timeout) {
  DARKROOM_ASSIGN_OR_RETURN(const sockaddr_in name, Resolve(address));
  const int peer = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (peer < 0) return SocketError("no socket for", address);
  const absl::Cleanup closer = [peer] { close(peer); };
  const timeval limit = absl::ToTimeval(timeout);
  setsockopt(peer, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
  setsockopt(peer, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit));
  std::string answer(kMaxAnswer, '\0');
  if (connect(peer, Generic(name), sizeof(name)) != 0 ||
      send(peer, request.data(), request.size(), MSG_NOSIGNAL) < 0) {
    return absl::UnavailableError(absl::StrCat("nothing answers at ", address.ToString()));
  }
  const ssize_t got = recv(peer, answer.data(), answer.size(), 0);
  if (got <= 0) return absl::UnavailableError(absl::StrCat(address.ToString(), " is silent"));
  answer.resize(static_cast<std::size_t>(got));
  return answer;
}

}  // namespace darkroom::cli
