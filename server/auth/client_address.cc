#include "server/auth/client_address.h"

#include <algorithm>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/network_v4.hpp>
#include <boost/asio/ip/network_v6.hpp>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"

namespace darkroom::server {

namespace ip = boost::asio::ip;

struct TrustedProxies::Networks {
  bool Contain(const ip::address& address) const {
    if (address.is_v4()) {
      return std::any_of(v4.begin(), v4.end(), [&](const ip::network_v4& network) {
        return ip::network_v4(address.to_v4(), network.prefix_length()).canonical() == network;
      });
    }
    return std::any_of(v6.begin(), v6.end(), [&](const ip::network_v6& network) {
      return ip::network_v6(address.to_v6(), network.prefix_length()).canonical() == network;
    });
  }

  std::vector<ip::network_v4> v4;  // canonical, as the others
  std::vector<ip::network_v6> v6;
};

namespace {

constexpr unsigned short kSubscriberBits = 64;

// An IPv4 address that came in over IPv6 is that; zones tell interfaces of this machine.
ip::address Plain(const ip::address& address) {
  if (address.is_v4()) return address;
  const ip::address_v6 v6 = address.to_v6();
  if (v6.is_v4_mapped()) return ip::make_address_v4(ip::v4_mapped, v6);
  return ip::address_v6(v6.to_bytes());
}

// "192.0.2.1", "192.0.2.1:80", "2001:db8::1", "[2001:db8::1]", "[2001:db8::1]:80".
std::optional<ip::address> ParseAddress(absl::string_view text) {
  text = absl::StripAsciiWhitespace(text);
  if (absl::ConsumePrefix(&text, "[")) {
    const std::size_t end = text.find(']');
    if (end == absl::string_view::npos) return std::nullopt;
    text = text.substr(0, end);
  } else if (std::count(text.begin(), text.end(), ':') == 1) {
    text = text.substr(0, text.find(':'));
  }
  boost::system::error_code error;
  const ip::address address = ip::make_address(std::string(text), error);
  if (error) return std::nullopt;
  return Plain(address);
}

std::optional<ip::address> ParsePeer(absl::string_view peer) {
  // Later versions of gRPC write brackets as URIs have them.
  const std::string plain = absl::StrReplaceAll(peer, {{"%5B", "["}, {"%5D", "]"}, {"%25", "%"}});
  absl::string_view text = plain;
  if (!absl::ConsumePrefix(&text, "ipv4:") && !absl::ConsumePrefix(&text, "ipv6:")) {
    return std::nullopt;
  }
  return ParseAddress(text);
}

std::string NetworkOf(const ip::address& address) {
  if (address.is_v4()) return address.to_string();
  return ip::network_v6(address.to_v6(), kSubscriberBits).canonical().to_string();
}

}  // namespace

TrustedProxies::TrustedProxies() : networks_(std::make_shared<const Networks>()) {}

bool TrustedProxies::empty() const { return networks_->v4.empty() && networks_->v6.empty(); }

absl::StatusOr<TrustedProxies> TrustedProxies::Parse(const std::vector<std::string>& networks) {
  auto parsed = std::make_shared<Networks>();
  for (const std::string& text : networks) {
    const bool is_v6 = text.find(':') != std::string::npos;
    const bool is_network = text.find('/') != std::string::npos;
    const std::string network = is_network ? text : absl::StrCat(text, is_v6 ? "/128" : "/32");
    boost::system::error_code error;
    if (is_v6) {
      parsed->v6.push_back(ip::make_network_v6(network, error).canonical());
    } else {
      parsed->v4.push_back(ip::make_network_v4(network, error).canonical());
    }
    if (error) {
      return absl::InvalidArgumentError(absl::StrCat(
          "\"", text, "\" is no network; write it as 10.0.0.0/8, fd00::/8 or 192.0.2.1"));
    }
  }
  TrustedProxies proxies;
  proxies.networks_ = std::move(parsed);
  return proxies;
}

std::optional<std::string> ClientNetwork(absl::string_view peer, absl::string_view forwarded,
                                         const TrustedProxies& trusted) {
  std::optional<ip::address> client = ParsePeer(peer);
  if (!client.has_value()) return std::nullopt;
  std::vector<absl::string_view> hops = absl::StrSplit(forwarded, ',');
  while (!hops.empty() && trusted.networks_->Contain(*client)) {
    const std::optional<ip::address> hop = ParseAddress(hops.back());
    if (!hop.has_value()) break;
    client = hop;
    hops.pop_back();
  }
  return NetworkOf(*client);
}

}  // namespace darkroom::server
