#include "cli/up/port.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <set>

#include "absl/cleanup/cleanup.h"

namespace darkroom::cli {
namespace {

using ::testing::HasSubstr;

TEST(PortTest, ReadsAnAddress) {
  const auto address = ParseHostPort("127.0.0.1:50051");
  ASSERT_TRUE(address.ok());
  EXPECT_EQ(address->host, "127.0.0.1");
  EXPECT_EQ(address->port, 50051);
  EXPECT_EQ(address->ToString(), "127.0.0.1:50051");
  EXPECT_TRUE(ParseHostPort("localhost:0").ok());
}

TEST(PortTest, RefusesWhatIsNoAddress) {
  for (const char* wrong : {"", "50051", "127.0.0.1", "127.0.0.1:", "127.0.0.1:x",
                            "127.0.0.1:65536", "127.0.0.1:-1", ":50051", "example.org:50051"}) {
    EXPECT_TRUE(absl::IsInvalidArgument(ParseHostPort(wrong).status())) << wrong;
  }
}

TEST(PortTest, FindsAFreePort) {
  const auto address = ReservePort({"127.0.0.1", 0});
  ASSERT_TRUE(address.ok()) << address.status();
  EXPECT_GT(address->port, 0);
  EXPECT_TRUE(ReservePort(*address).ok()) << "it is still free";
}

TEST(PortTest, GivesAFreePortOnce) {
  std::set<int> ports;
  constexpr int kMany = 300;
  for (int i = 0; i < kMany; ++i) ports.insert(ReservePort({"127.0.0.1", 0}).value().port);
  EXPECT_EQ(ports.size(), kMany);
}

TEST(PortTest, SeesThatAPortIsTaken) {
  const auto address = ReservePort({"127.0.0.1", 0});
  ASSERT_TRUE(address.ok());
  const int listener = socket(AF_INET, SOCK_STREAM, 0);
  const absl::Cleanup closer = [listener] { close(listener); };
  const int reuse = 1;
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &reuse, sizeof(reuse));
  sockaddr_in name{};
  name.sin_family = AF_INET;
  name.sin_port = htons(static_cast<std::uint16_t>(address->port));
  name.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  ASSERT_EQ(bind(listener, reinterpret_cast<sockaddr*>(&name), sizeof(name)), 0);
  ASSERT_EQ(listen(listener, 1), 0);
  const auto taken = ReservePort(*address);
  EXPECT_TRUE(absl::IsAlreadyExists(taken.status())) << taken.status();
  EXPECT_THAT(std::string(taken.status().message()), HasSubstr(address->ToString()));
}

TEST(PortTest, TellsThatNothingAnswers) {
  const auto address = ReservePort({"127.0.0.1", 0});
  ASSERT_TRUE(address.ok());
  EXPECT_TRUE(absl::IsUnavailable(Exchange(*address, "PING\r\n", absl::Seconds(1)).status()));
}

}  // namespace
}  // namespace darkroom::cli
