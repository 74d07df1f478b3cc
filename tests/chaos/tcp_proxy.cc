#include "tests/chaos/tcp_proxy.h"

#include <array>
#include <atomic>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>
#include <chrono>
#include <random>
#include <set>
#include <thread>
#include <utility>

namespace darkroom::testing {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

// What all connections are subject to. Used on the network's thread, but for the counter.
struct Weather {
  bool cut = false;
  absl::Duration latency;
  double resets = 0;
  std::mt19937 random;
  std::string lost_request;  // empty: none
  std::string lost_reply;
  std::atomic<int> lost_replies{0};
};

// One connection and the one that it is passed on to. Keeps itself alive while anything is under
// way.
class Link : public std::enable_shared_from_this<Link> {
 public:
  Link(tcp::socket client, asio::io_context& io, Weather* weather)
      : weather_(weather), up_{std::move(client), io}, down_{tcp::socket(io), io} {}

  void Start(const tcp::endpoint& target) {
    auto self = shared_from_this();
    down_.socket.async_connect(target, [self](error_code error) {
      if (error) return self->Close();
      self->Read(self->up_, self->down_);
      self->Read(self->down_, self->up_);
    });
  }

  void Close() {
    error_code ignored;
    for (End* end : {&up_, &down_}) {
      end->timer.cancel();
      end->socket.close(ignored);
    }
  }

 private:
  struct End {
    End(tcp::socket its_socket, asio::io_context& io) : socket(std::move(its_socket)), timer(io) {}
    tcp::socket socket;
    asio::steady_timer timer;              // delays what was read here
    std::array<char, 64 * 1024> buffer{};  // what was read here
    std::string seen;                      // the newest bytes, in which a text may have begun
  };

  void Read(End& from, End& to) {
    from.socket.async_read_some(asio::buffer(from.buffer), [self = shared_from_this(), &from, &to](
                                                               error_code error, std::size_t size) {
      if (error || self->IsBroken(from, size)) return self->Close();
      from.timer.expires_after(absl::ToChronoNanoseconds(self->weather_->latency));
      from.timer.async_wait([self, &from, &to, size](error_code stopped) {
        if (!stopped) self->Write(from, to, size);
      });
    });
  }

  void Write(End& from, End& to, std::size_t size) {
    asio::async_write(to.socket, asio::buffer(from.buffer.data(), size),
                      [self = shared_from_this(), &from, &to](error_code error, std::size_t) {
                        if (error) return self->Close();
                        self->Read(from, to);
                      });
  }

  // Whether what was just read breaks the connection.
  bool IsBroken(End& from, std::size_t size) {
    if (std::bernoulli_distribution(weather_->resets)(weather_->random)) return true;
    const bool is_reply = &from == &down_;
    if (is_reply && reply_is_lost_) return CountLostReply();
    std::string& text = is_reply ? weather_->lost_reply : weather_->lost_request;
    if (text.empty()) return false;
    from.seen.append(from.buffer.data(), size);
    if (from.seen.find(text) != std::string::npos) {
      text.clear();
      if (is_reply) return CountLostReply();
      reply_is_lost_ = true;
    } else if (from.seen.size() > text.size()) {
      from.seen.erase(0, from.seen.size() - text.size());
    }
    return false;
  }

  bool CountLostReply() {
    ++weather_->lost_replies;
    return true;
  }

  Weather* const weather_;
  End up_;    // to the client
  End down_;  // to the target
  bool reply_is_lost_ = false;
};

}  // namespace

struct TcpProxy::Network {
  explicit Network(const cli::HostPort& to)
      : target(asio::ip::make_address(to.host), static_cast<std::uint16_t>(to.port)),
        acceptor(io, tcp::endpoint(asio::ip::address_v4::loopback(), 0)) {
    Accept();
    thread = std::thread([this] { io.run(); });
  }
  ~Network() {
    io.stop();
    thread.join();
  }

  void Accept() {
    acceptor.async_accept([this](error_code error, tcp::socket socket) {
      if (error) return;
      if (!weather.cut) {
        const auto link = std::make_shared<Link>(std::move(socket), io, &weather);
        links.insert(link);
        link->Start(target);
      }
      std::erase_if(links, [](const std::weak_ptr<Link>& link) { return link.expired(); });
      Accept();
    });
  }

  template <typename Change>
  void Do(Change change) {
    asio::post(io, [this, change = std::move(change)]() mutable { change(*this); });
  }

  asio::io_context io{1};
  const tcp::endpoint target;
  tcp::acceptor acceptor;
  Weather weather;
  std::set<std::weak_ptr<Link>, std::owner_less<>> links;
  std::thread thread;
};

TcpProxy::TcpProxy(cli::HostPort target) : network_(std::make_unique<Network>(target)) {}
TcpProxy::~TcpProxy() = default;

cli::HostPort TcpProxy::address() const {
  return {"127.0.0.1", network_->acceptor.local_endpoint().port()};
}

void TcpProxy::Cut() {
  network_->Do([](Network& network) {
    network.weather.cut = true;
    for (const std::weak_ptr<Link>& weak : network.links) {
      if (const std::shared_ptr<Link> link = weak.lock()) link->Close();
    }
  });
}

void TcpProxy::Mend() {
  network_->Do([](Network& network) {
    network.weather.cut = false;
    network.weather.latency = absl::ZeroDuration();
    network.weather.resets = 0;
  });
}

void TcpProxy::Disturb(absl::Duration latency, double resets, std::uint32_t seed) {
  network_->Do([=](Network& network) {
    network.weather.latency = latency;
    network.weather.resets = resets;
    network.weather.random.seed(seed);
  });
}

void TcpProxy::LoseReplyTo(std::string text) {
  network_->Do([text = std::move(text)](Network& network) { network.weather.lost_request = text; });
}

void TcpProxy::LoseReplyWith(std::string text) {
  network_->Do([text = std::move(text)](Network& network) { network.weather.lost_reply = text; });
}

int TcpProxy::lost_replies() const { return network_->weather.lost_replies; }

}  // namespace darkroom::testing
