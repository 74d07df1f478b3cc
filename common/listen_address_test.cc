#include "common/listen_address.h"

#include <gtest/gtest.h>

namespace darkroom {
namespace {

TEST(ListenAddressTest, HostsAreNumbersAndNames) {
  const auto v4 = ParseListenAddress("127.0.0.1:9464");
  ASSERT_TRUE(v4.ok());
  EXPECT_EQ(v4->host, "127.0.0.1");
  EXPECT_EQ(v4->port, 9464);
  const auto v6 = ParseListenAddress("[::1]:0");
  ASSERT_TRUE(v6.ok());
  EXPECT_EQ(v6->host, "::1");
  EXPECT_EQ(v6->port, 0);
  const auto name = ParseListenAddress("gateway.example:65535");
  ASSERT_TRUE(name.ok());
  EXPECT_EQ(name->host, "gateway.example");
}

TEST(ListenAddressTest, WhatIsNoAddressIsNamed) {
  for (const char* text : {"", "9464", "127.0.0.1", ":9464", "127.0.0.1:", "127.0.0.1:65536",
                           "127.0.0.1:-1", "127.0.0.1:http"}) {
    const absl::Status status = ParseListenAddress(text).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << text;
    EXPECT_EQ(status.message().substr(0, std::string(text).size() + 2),
              "\"" + std::string(text) + "\"");
  }
}

}  // namespace
}  // namespace darkroom
