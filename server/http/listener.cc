#include "server/http/listener.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/acceptor.h"
#include "common/log.h"
#include "common/status_macros.h"
#include "server/core/run_on.h"
#include "server/http/entrance.h"
#include "server/http/tls_wire.h"

namespace darkroom::server::http {
namespace {

using boost::asio::ip::tcp;
using boost::system::error_code;

constexpr std::chrono::milliseconds kAfterError(100);
constexpr absl::Duration kPoll = absl::Milliseconds(20);

// As gRPC names it.
std::string PeerName(const tcp::endpoint& endpoint) {
  const std::string address = endpoint.address().to_string();
  if (endpoint.address().is_v4()) return absl::StrCat("ipv4:", address, ":", endpoint.port());
  return absl::StrCat("ipv6:[", address, "]:", endpoint.port());
}

}  // namespace

// The loop's, but for its construction and Open.
struct Listener::Engine : std::enable_shared_from_this<Listener::Engine> {
  Engine(AsioLoop& on, Router routes, const Authenticator& authenticator, Options given)
      : loop(on),
        options(std::move(given)),
        router(std::move(routes)),
        origins(options.allowed_origins),
        hosts(options.hosts),
        entrance(router, authenticator, origins, hosts),
        meter(options.metrics),
        acceptor(loop.context()),
        retry(loop.context()) {}

  absl::Status Open();
  void Accept();
  void Take(tcp::socket socket);
  void LookAtCertificate();
  void Drain();
  void Close();

  AsioLoop& loop;
  const Options options;
  const Router router;
  const OriginPolicy origins;
  const HostPolicy hosts;
  const Entrance entrance;
  RequestMeter meter;
  std::shared_ptr<ConnectionGroup> group;
  std::unique_ptr<Certificate> certificate;  // null: no TLS
  tcp::acceptor acceptor;
  boost::asio::steady_timer retry;
  int port = 0;
  bool accepting = false;
  bool closed = false;
};

absl::Status Listener::Engine::Open() {
  if (options.certificate.has_value()) {
    DARKROOM_ASSIGN_OR_RETURN(certificate, Certificate::Load(*options.certificate));
    meter.NoteCertificate(certificate->expires());
  }
  DARKROOM_RETURN_IF_ERROR(OpenAcceptor(options.listen, acceptor));
  port = acceptor.local_endpoint().port();
  group = std::make_shared<ConnectionGroup>(
      ConnectionGroup{entrance, origins, meter, options.limits, [weak = weak_from_this()] {
                        if (const auto self = weak.lock()) self->Accept();
                      }});
  return absl::OkStatus();
}

void Listener::Engine::Accept() {
  const bool is_full = static_cast<int>(group->open.size()) >= options.max_connections;
  if (accepting || closed || is_full) return;
  accepting = true;
  acceptor.async_accept([self = shared_from_this()](const error_code& error, tcp::socket socket) {
    self->accepting = false;
    if (self->closed) return;
    if (!error) {
      self->Take(std::move(socket));
      return self->Accept();
    }
    // Out of descriptors, for example: trying again at once would spin.
    self->retry.expires_after(kAfterError);
    self->retry.async_wait([self](const error_code& stopped) {
      if (!stopped) self->Accept();
    });
  });
}

void Listener::Engine::Take(tcp::socket socket) {
  error_code error;
  const tcp::endpoint peer = socket.remote_endpoint(error);
  if (error) return;  // it has gone already
  const auto wire = certificate == nullptr ? MakePlainWire(std::move(socket))
                                           : MakeTlsWire(std::move(socket), *certificate);
  std::make_shared<Connection>(group, wire, loop.context().get_executor(), PeerName(peer))->Start();
}

void Listener::Engine::LookAtCertificate() {
  loop.PostAfter(options.look_at_certificate, [weak = weak_from_this()] {
    const auto self = weak.lock();
    if (self == nullptr || self->closed) return;
    const absl::StatusOr<bool> taken = self->certificate->Refresh();
    if (!taken.ok()) {
      log::Error("a changed certificate cannot be used; the one before it is shown",
                 {{"why", taken.status().message()}});
    } else if (*taken) {
      self->meter.NoteCertificate(self->certificate->expires());
      log::Info("certificate read again",
                {{"expires", absl::FormatTime(self->certificate->expires(), absl::UTCTimeZone())}});
    }
    self->LookAtCertificate();
  });
}

void Listener::Engine::Drain() {
  group->draining = true;
  const std::set<Connection*> open = group->open;
  for (Connection* connection : open) connection->Drain();
}

void Listener::Engine::Close() {
  closed = true;
  error_code ignored;
  acceptor.close(ignored);
  retry.cancel();
  while (!group->open.empty()) (*group->open.begin())->Close();
}

Listener::Listener(std::shared_ptr<Engine> engine) : engine_(std::move(engine)) {}

absl::StatusOr<std::unique_ptr<Listener>> Listener::Start(AsioLoop& loop, Router router,
                                                          const Authenticator& authenticator,
                                                          Options options) {
  auto engine =
      std::make_shared<Engine>(loop, std::move(router), authenticator, std::move(options));
  DARKROOM_RETURN_IF_ERROR(engine->Open());
  loop.Post([engine] {
    engine->Accept();
    if (engine->certificate != nullptr) engine->LookAtCertificate();
  });
  return std::unique_ptr<Listener>(new Listener(std::move(engine)));
}

Listener::~Listener() {
  RunOn(engine_->loop, [this] { engine_->Close(); });
}

int Listener::port() const { return engine_->port; }

void Listener::Drain() {
  RunOn(engine_->loop, [this] { engine_->Drain(); });
}

void Listener::WaitForAnswers(const Deadline& deadline) {
  const auto is_busy = [this] {
    bool busy = false;
    RunOn(engine_->loop, [this, &busy] { busy = !engine_->group->open.empty(); });
    return busy;
  };
  while (is_busy() && !deadline.passed()) absl::SleepFor(kPoll);
}

}  // namespace darkroom::server::http
