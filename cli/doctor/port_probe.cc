#include "cli/doctor/port_probe.h"

#include <netdb.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <memory>

#include "absl/cleanup/cleanup.h"
#include "absl/status/statusor.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "cli/connection.h"
#include "common/listen_address.h"
#include "common/status_macros.h"

namespace darkroom::cli {
namespace {

using Addresses = std::unique_ptr<addrinfo, void (*)(addrinfo*)>;

constexpr absl::Duration kPortPatience = absl::Seconds(3);
constexpr absl::string_view kHealthRequest =
    "GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";

absl::StatusOr<Addresses> Resolve(const ListenAddress& address) {
  addrinfo hints = {};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_PASSIVE;
  addrinfo* found = nullptr;
  const int error =
      getaddrinfo(address.host.c_str(), std::to_string(address.port).c_str(), &hints, &found);
  if (error != 0) return absl::NotFoundError(gai_strerror(error));
  return Addresses(found, &freeaddrinfo);
}

// ALREADY_EXISTS when somebody listens there.
absl::Status TryToListen(const addrinfo& address) {
  const int listener = socket(address.ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (listener < 0) return absl::ErrnoToStatus(errno, "no socket");
  const absl::Cleanup closer = [listener] { close(listener); };
  // A port whose last connections are still timing out counts as free.
  const int reuse = 1;
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &reuse, sizeof(reuse));
  if (bind(listener, address.ai_addr, address.ai_addrlen) == 0) return absl::OkStatus();
  if (errno == EADDRINUSE) return absl::AlreadyExistsError("it is in use");
  return absl::FailedPreconditionError(std::strerror(errno));
}

// The address at which this machine reaches what listens at that one.
ListenAddress Nearby(ListenAddress address) {
  if (address.host == "0.0.0.0") address.host = "127.0.0.1";
  if (address.host == "::") address.host = "::1";
  return address;
}

// The first line of what an HTTP server answers; UNAVAILABLE when it is not one.
absl::StatusOr<std::string> AskHealth(const ListenAddress& address) {
  DARKROOM_ASSIGN_OR_RETURN(const Addresses found, Resolve(address));
  const int peer = socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (peer < 0) return absl::ErrnoToStatus(errno, "no socket");
  const absl::Cleanup closer = [peer] { close(peer); };
  const timeval limit = absl::ToTimeval(kPortPatience);
  setsockopt(peer, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
  setsockopt(peer, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit));
  char answer[256];
  if (connect(peer, found->ai_addr, found->ai_addrlen) != 0 ||
      send(peer, kHealthRequest.data(), kHealthRequest.size(), MSG_NOSIGNAL) < 0) {
    return absl::UnavailableError("it takes no connections");
  }
  const ssize_t got = recv(peer, answer, sizeof(answer), 0);
  if (got <= 0) return absl::UnavailableError("it answers nothing to a GET");
  const absl::string_view text(answer, static_cast<std::size_t>(got));
  if (!absl::StartsWith(text, "HTTP/1.")) return absl::UnavailableError("it speaks no HTTP");
  return std::string(text.substr(0, text.find('\r')));
}

void AskMetrics(const ListenAddress& address, PortFacts& facts) {
  const absl::StatusOr<std::string> line = AskHealth(address);
  if (!line.ok()) {
    facts.state = PortFacts::State::kTaken;
    facts.why = std::string(line.status().message());
  } else if (absl::StartsWith(*line, "HTTP/1.1 200")) {
    facts.state = PortFacts::State::kServing;
  } else {
    facts.state = absl::StartsWith(*line, "HTTP/1.1 503") ? PortFacts::State::kUnwell
                                                          : PortFacts::State::kTaken;
    facts.why = absl::StrCat("/healthz answers ", *line);
  }
}

void AskGateway(const ListenAddress& address, PortFacts& facts) {
  const bool is_v6 = absl::StrContains(address.host, ":");
  const std::string server =
      absl::StrCat(is_v6 ? "[" : "", address.host, is_v6 ? "]" : "", ":", address.port);
  const absl::StatusOr<std::unique_ptr<Connection>> connection = Connection::Open({server, ""});
  const absl::Status health =
      connection.ok() ? (*connection)->CheckHealth(kPortPatience) : connection.status();
  if (health.ok()) {
    facts.state = PortFacts::State::kServing;
    return;
  }
  facts.state =
      absl::IsFailedPrecondition(health) ? PortFacts::State::kUnwell : PortFacts::State::kTaken;
  facts.why = std::string(health.message());
}

}  // namespace

PortFacts ProbePort(const std::string& process, const std::string& setting,
                    const std::string& address) {
  PortFacts facts{.process = process, .setting = setting, .address = address};
  const absl::StatusOr<ListenAddress> parsed = ParseListenAddress(address);
  const absl::StatusOr<Addresses> found =
      parsed.ok() ? Resolve(*parsed) : absl::StatusOr<Addresses>(parsed.status());
  const absl::Status listened = found.ok() ? TryToListen(**found) : found.status();
  if (listened.ok()) return facts;
  if (!absl::IsAlreadyExists(listened)) {
    facts.state = PortFacts::State::kImpossible;
    facts.why = std::string(listened.message());
  } else if (setting == "listen") {
    AskGateway(Nearby(*parsed), facts);
  } else {
    AskMetrics(Nearby(*parsed), facts);
  }
  return facts;
}

}  // namespace darkroom::cli
