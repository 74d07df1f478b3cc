#include "server/auth/client_address.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace darkroom::server {
namespace {

using testing::HasSubstr;

TrustedProxies Proxies() {
  return TrustedProxies::Parse({"10.0.0.0/8", "192.0.2.9", "fd00::/8"}).value();
}

std::string Client(absl::string_view peer, absl::string_view forwarded = "") {
  return ClientNetwork(peer, forwarded, Proxies()).value_or("nobody");
}

TEST(ClientAddressTest, AnIpv4PeerIsItsAddress) {
  EXPECT_EQ(Client("ipv4:198.51.100.7:4711"), "198.51.100.7");
  EXPECT_EQ(Client("ipv6:[::ffff:198.51.100.7]:4711"), "198.51.100.7");
}

TEST(ClientAddressTest, AnIpv6PeerIsTheNetworkOfItsSubscriber) {
  EXPECT_EQ(Client("ipv6:[2001:db8:1:2:3:4:5:6]:4711"), "2001:db8:1:2::/64");
  EXPECT_EQ(Client("ipv6:%5B2001:db8:1:2::9%5D:4711"), "2001:db8:1:2::/64");
  EXPECT_EQ(Client("ipv6:[fe80::1%25eth0]:4711"), "fe80::/64");
}

TEST(ClientAddressTest, APeerWithoutAnAddressIsNobody) {
  EXPECT_EQ(Client("unix:/run/darkroom.sock", "198.51.100.7"), "nobody");
  EXPECT_EQ(Client("", "198.51.100.7"), "nobody");
}

TEST(ClientAddressTest, WhatAStrangerSaysAboutItselfDoesNotCount) {
  EXPECT_EQ(Client("ipv4:198.51.100.7:4711", "203.0.113.1"), "198.51.100.7");
}

TEST(ClientAddressTest, BehindTrustedProxiesTheRightMostOtherHopIsTheCaller) {
  EXPECT_EQ(Client("ipv4:10.1.2.3:80", "203.0.113.1"), "203.0.113.1");
  EXPECT_EQ(Client("ipv4:192.0.2.9:80", "203.0.113.1:99"), "203.0.113.1");
  EXPECT_EQ(Client("ipv6:[fd00::1]:80", "[2001:db8::1]:99"), "2001:db8::/64");
  EXPECT_EQ(Client("ipv4:10.1.2.3:80", "1.1.1.1, 203.0.113.1, 10.9.9.9 , 192.0.2.9"), "203.0.113.1")
      << "what stands left of it the caller has written";
}

TEST(ClientAddressTest, AChainOfTrustedProxiesEndsAtItsFirst) {
  EXPECT_EQ(Client("ipv4:10.1.2.3:80", "10.0.0.1,10.0.0.2"), "10.0.0.1");
  EXPECT_EQ(Client("ipv4:10.1.2.3:80", ""), "10.1.2.3");
}

TEST(ClientAddressTest, AHopThatIsNoAddressEndsTheSearch) {
  for (const char* junk : {"unknown", "_hidden", "[::1", "1.2.3", "", "203.0.113.1;x"}) {
    EXPECT_EQ(Client("ipv4:10.1.2.3:80", std::string("203.0.113.1,") + junk + ",10.0.0.2"),
              "10.0.0.2")
        << junk;
  }
}

TEST(ClientAddressTest, ANetworkThatIsNoneIsNamed) {
  for (const char* wrong : {"10.0.0.0/33", "10.0.0", "proxy.example", "fd00::/129", ""}) {
    const absl::Status status = TrustedProxies::Parse({"10.0.0.0/8", wrong}).status();
    EXPECT_THAT(std::string(status.message()), HasSubstr(std::string("\"") + wrong + "\""))
        << wrong;
  }
  EXPECT_TRUE(TrustedProxies().empty());
  EXPECT_FALSE(Proxies().empty());
}

}  // namespace
}  // namespace darkroom::server
