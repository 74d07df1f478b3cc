#include "common/metrics/health_check.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/write.hpp>
#include <memory>
#include <string>
#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/metrics/listener.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace darkroom::metrics {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

constexpr absl::Duration kLongPatience = absl::Seconds(60);

std::unique_ptr<Listener> ListenWith(absl::Status health, const std::string& host = "127.0.0.1") {
  absl::StatusOr<std::unique_ptr<Listener>> listener =
      Listener::Start({.listen = absl::StrCat(host, ":0"),
                       .metrics = [] { return "test_guests 2\n"; },
                       .healthy = [health = std::move(health)] { return health; }});
  EXPECT_TRUE(listener.ok()) << listener.status();
  return *std::move(listener);
}

std::string Local(int port) { return absl::StrCat("127.0.0.1:", port); }

// A server that takes connections without a word, until it is told what to say to the first.
class OtherServer {
 public:
  int port() const { return acceptor_.local_endpoint().port(); }

  void Say(const std::string& bytes) {
    boost::asio::ip::tcp::socket socket = acceptor_.accept();
    boost::asio::write(socket, boost::asio::buffer(bytes));
  }

 private:
  boost::asio::io_context context_;
  boost::asio::ip::tcp::acceptor acceptor_{
      context_, {boost::asio::ip::make_address("127.0.0.1"), boost::asio::ip::port_type{0}}};
};

TEST(HealthCheckTest, AHealthyProcessIsOk) {
  const auto listener = ListenWith(absl::OkStatus());
  EXPECT_TRUE(CheckHealth(Local(listener->port()), kLongPatience).ok());
}

TEST(HealthCheckTest, AProcessThatIsNotSaysWhy) {
  const auto listener = ListenWith(absl::UnavailableError("the store is away"));
  const absl::Status health = CheckHealth(Local(listener->port()), kLongPatience);
  EXPECT_EQ(health, absl::UnavailableError("the store is away"));
}

TEST(HealthCheckTest, OneThatListensOnEveryAddressIsReachedByItsOwn) {
  const auto listener = ListenWith(absl::OkStatus(), "0.0.0.0");
  EXPECT_TRUE(CheckHealth(absl::StrCat("0.0.0.0:", listener->port()), kLongPatience).ok());
}

TEST(HealthCheckTest, NobodyIsNotHealthy) {
  std::string address;
  {
    const auto listener = ListenWith(absl::OkStatus());
    address = Local(listener->port());
  }
  const absl::Status health = CheckHealth(address, kLongPatience);
  EXPECT_EQ(health.code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(std::string(health.message()),
              AllOf(HasSubstr(address), HasSubstr("Connection refused")));
}

TEST(HealthCheckTest, WhoDoesNotAnswerInTimeIsNotHealthy) {
  const OtherServer deaf;
  const absl::Status health = CheckHealth(Local(deaf.port()), absl::Milliseconds(50));
  EXPECT_EQ(health.code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(std::string(health.message()), HasSubstr("timed out"));
}

TEST(HealthCheckTest, WhoSpeaksAnotherLanguageIsNotHealthy) {
  for (const char* bytes : {"", "-ERR unknown command\r\n", "HTTP/1.1 200 OK\r\n"}) {
    OtherServer other;
    std::thread speaker([&other, bytes] { other.Say(bytes); });
    const absl::Status health = CheckHealth(Local(other.port()), kLongPatience);
    speaker.join();
    EXPECT_EQ(health.code(), absl::StatusCode::kUnavailable) << bytes;
    EXPECT_THAT(std::string(health.message()), HasSubstr("nobody answers")) << bytes;
  }
}

TEST(HealthCheckTest, AnAddressThatCannotBeAskedIsSaid) {
  EXPECT_EQ(CheckHealth("9464", kLongPatience).code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(CheckHealth("127.0.0.1:0", kLongPatience).code(), absl::StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace darkroom::metrics
