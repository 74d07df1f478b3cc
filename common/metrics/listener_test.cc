#include "common/metrics/listener.h"

#include <atomic>
#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/mutex.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace darkroom::metrics {
namespace {

using boost::asio::ip::tcp;
using boost::system::error_code;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

constexpr char kPage[] = "test_guests 2\n";
constexpr char kLast[] = "Connection: close\r\n\r\n";

// A connection whose reads block.
class Client {
 public:
  explicit Client(int port) {
    socket_.connect({boost::asio::ip::make_address("127.0.0.1"),
                     static_cast<boost::asio::ip::port_type>(port)});
  }

  void Send(const std::string& bytes) {
    error_code ignored;
    boost::asio::write(socket_, boost::asio::buffer(bytes), ignored);
  }
  // All that comes until the listener closes the connection.
  std::string ReadAll() {
    std::string read;
    error_code end;
    boost::asio::read(socket_, boost::asio::dynamic_buffer(read), end);
    return read;
  }
  std::string ReadUntil(const std::string& end) {
    std::string read;
    error_code error;
    while (!error && read.find(end) == std::string::npos) {
      boost::asio::read(socket_, boost::asio::dynamic_buffer(read),
                        boost::asio::transfer_at_least(1), error);
    }
    return read;
  }

 private:
  boost::asio::io_context context_;
  tcp::socket socket_{context_};
};

class ListenerTest : public ::testing::Test {
 protected:
  void StartWith(Listener::Options options) {
    options.listen = "127.0.0.1:0";
    if (options.metrics == nullptr) options.metrics = [] { return kPage; };
    absl::StatusOr<std::unique_ptr<Listener>> listener = Listener::Start(std::move(options));
    ASSERT_TRUE(listener.ok()) << listener.status();
    listener_ = *std::move(listener);
  }
  void SetUp() override { StartWith({}); }

  // The answer to a request whose connection ends with it.
  std::string Ask(const std::string& request) {
    Client client(listener_->port());
    client.Send(request);
    return client.ReadAll();
  }

  std::unique_ptr<Listener> listener_;
};

TEST_F(ListenerTest, MetricsAreAPageOfText) {
  const std::string answer = Ask(absl::StrCat("GET /metrics HTTP/1.1\r\nHost: a\r\n", kLast));
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 200 OK\r\n"));
  EXPECT_THAT(answer, HasSubstr("Content-Type: text/plain; version=0.0.4; charset=utf-8\r\n"));
  EXPECT_THAT(answer, HasSubstr(absl::StrCat("\r\n\r\n", kPage)));
}

TEST_F(ListenerTest, AQueryIsNoPartOfThePath) {
  EXPECT_THAT(Ask(absl::StrCat("GET /metrics?name[]=a HTTP/1.1\r\n", kLast)),
              AllOf(StartsWith("HTTP/1.1 200 OK\r\n"), HasSubstr(kPage)));
}

TEST_F(ListenerTest, HealthIsOk) {
  EXPECT_THAT(Ask("GET /healthz HTTP/1.0\r\n\r\n"),
              AllOf(HasSubstr(" 200 OK\r\n"), HasSubstr("\r\n\r\nok\n")));
}

TEST_F(ListenerTest, HealthIsWhatTheProcessSaysAtTheMomentAndLifeThatItAnswers) {
  std::atomic<bool> away = true;
  StartWith({.healthy = [&away] {
    return away ? absl::UnavailableError("the store is away") : absl::OkStatus();
  }});
  const std::string ask = absl::StrCat("GET /healthz HTTP/1.1\r\n", kLast);
  EXPECT_THAT(Ask(ask), AllOf(StartsWith("HTTP/1.1 503 Service Unavailable\r\n"),
                              HasSubstr("\r\n\r\nthe store is away\n")));
  EXPECT_THAT(Ask(absl::StrCat("GET /livez HTTP/1.1\r\n", kLast)),
              AllOf(StartsWith("HTTP/1.1 200 OK\r\n"), HasSubstr("\r\n\r\nok\n")));
  away = false;
  EXPECT_THAT(Ask(ask), StartsWith("HTTP/1.1 200 OK\r\n"));
}

TEST_F(ListenerTest, AnotherPathIsNotFound) {
  for (const char* path : {"/", "/metrics/", "/metricsx", "/../metrics", "*"}) {
    EXPECT_THAT(Ask(absl::StrCat("GET ", path, " HTTP/1.1\r\n", kLast)),
                StartsWith("HTTP/1.1 404 Not Found\r\n"))
        << path;
  }
}

TEST_F(ListenerTest, AnotherMethodIsToldWhichOneThereIs) {
  for (const char* method : {"HEAD", "DELETE", "OPTIONS"}) {
    EXPECT_THAT(
        Ask(absl::StrCat(method, " /metrics HTTP/1.1\r\n", kLast)),
        AllOf(StartsWith("HTTP/1.1 405 Method Not Allowed\r\n"), HasSubstr("Allow: GET\r\n")))
        << method;
  }
}

TEST_F(ListenerTest, ABodyIsRefused) {
  EXPECT_THAT(Ask("POST /metrics HTTP/1.1\r\nContent-Length: 5\r\n\r\nhello"),
              StartsWith("HTTP/1.1 413 Payload Too Large\r\n"));
}

TEST_F(ListenerTest, WhatIsNotHttpIsABadRequest) {
  for (const char* bytes : {"\x16\x03\x01\x02", "hello\r\n\r\n", "GET /metrics\r\n\r\n",
                            "GET /metrics HTTP/1.1\r\nno colon\r\n\r\n"}) {
    EXPECT_THAT(Ask(absl::StrCat(bytes, "\r\n\r\n")), StartsWith("HTTP/1.1 400 Bad Request\r\n"))
        << bytes;
  }
}

TEST_F(ListenerTest, ALaterHttpIsRefused) {
  EXPECT_THAT(Ask("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
              StartsWith("HTTP/1.1 505 HTTP Version Not Supported\r\n"));
}

TEST_F(ListenerTest, AHeaderWithoutEndIsRefused) {
  EXPECT_THAT(Ask(absl::StrCat("GET /metrics HTTP/1.1\r\nX: ", std::string(20000, 'x'))),
              StartsWith("HTTP/1.1 431 Request Header Fields Too Large\r\n"));
}

TEST_F(ListenerTest, AConnectionServesOneScrapeAfterTheOther) {
  Client client(listener_->port());
  for (int i = 0; i < 3; ++i) {
    client.Send("GET /metrics HTTP/1.1\r\n\r\n");
    EXPECT_THAT(client.ReadUntil(kPage), StartsWith("HTTP/1.1 200 OK\r\n"));
  }
}

TEST_F(ListenerTest, ARequestMayComeInPieces) {
  Client client(listener_->port());
  for (const char* piece : {"GE", "T /metr", "ics HTTP/1.1\r", "\nConnection: close\r\n\r\n"}) {
    client.Send(piece);
  }
  EXPECT_THAT(client.ReadAll(), HasSubstr(kPage));
}

TEST_F(ListenerTest, ASlowClientIsCutAndKeepsNobodyWaiting) {
  StartWith({.patience = absl::Milliseconds(200)});
  Client slow(listener_->port());
  slow.Send("GET /metrics HTTP/1.1\r\n");
  EXPECT_THAT(Ask(absl::StrCat("GET /metrics HTTP/1.1\r\n", kLast)), HasSubstr(kPage));
  EXPECT_THAT(slow.ReadAll(), IsEmpty());
}

TEST_F(ListenerTest, AClientThatReadsNothingIsCut) {
  StartWith({.metrics = [] { return std::string(64 << 20, 'x'); },
             .patience = absl::Milliseconds(200),
             .max_connections = 1});
  Client deaf(listener_->port());
  deaf.Send("GET /metrics HTTP/1.1\r\n\r\n");
  // Taken only when the other has gone.
  EXPECT_THAT(Ask(absl::StrCat("GET /healthz HTTP/1.1\r\n", kLast)), HasSubstr("ok\n"));
}

TEST_F(ListenerTest, ConnectionsBeyondTheLimitWait) {
  StartWith({.max_connections = 1});
  auto first = std::make_unique<Client>(listener_->port());
  first->Send("GET /healthz HTTP/1.1\r\n\r\n");
  EXPECT_THAT(first->ReadUntil("ok\n"), HasSubstr(" 200 OK"));
  Client second(listener_->port());
  second.Send(absl::StrCat("GET /metrics HTTP/1.1\r\n", kLast));
  first.reset();
  EXPECT_THAT(second.ReadAll(), HasSubstr(kPage));
}

TEST_F(ListenerTest, TwoScrapesAtOnceGetAWholePageEach) {
  std::string page(1 << 20, 'x');
  StartWith({.metrics = [&page] { return page; }});
  std::vector<std::string> answers(8);
  std::vector<std::thread> threads;
  for (std::string& answer : answers) {
    threads.emplace_back(
        [this, &answer] { answer = Ask(absl::StrCat("GET /metrics HTTP/1.1\r\n", kLast)); });
  }
  for (std::thread& thread : threads) thread.join();
  for (const std::string& answer : answers) {
    EXPECT_EQ(answer.size() - answer.find("\r\n\r\n") - 4, page.size());
  }
}

TEST_F(ListenerTest, ItEndsWhileClientsAreThere) {
  Client idle(listener_->port());
  Client half(listener_->port());
  half.Send("GET /metrics");
  listener_.reset();
  EXPECT_THAT(idle.ReadAll(), IsEmpty());
  EXPECT_THAT(half.ReadAll(), IsEmpty());
}

TEST_F(ListenerTest, APortThatIsTakenIsSaid) {
  const std::string address = absl::StrCat("127.0.0.1:", listener_->port());
  const absl::Status status =
      Listener::Start({.listen = address, .metrics = [] { return kPage; }}).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(std::string(status.message()),
              AllOf(HasSubstr(absl::StrCat("cannot listen on ", address)),
                    HasSubstr("Address already in use"), HasSubstr("a free port")));
}

TEST_F(ListenerTest, WhatIsNoAddressIsSaid) {
  for (const char* address : {"", "9464", "127.0.0.1", ":9464", "127.0.0.1:", "127.0.0.1:65536",
                              "127.0.0.1:-1", "127.0.0.1:http"}) {
    const absl::Status status =
        Listener::Start({.listen = address, .metrics = [] { return kPage; }}).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << address;
    EXPECT_THAT(std::string(status.message()),
                AllOf(HasSubstr(absl::StrCat("\"", address, "\"")), HasSubstr("HOST:PORT")));
  }
}

TEST_F(ListenerTest, AnAddressOfAnotherMachineIsSaid) {
  const absl::Status status =
      Listener::Start({.listen = "192.0.2.1:0", .metrics = [] { return kPage; }}).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(std::string(status.message()), HasSubstr("an address of this machine"));
}

}  // namespace
}  // namespace darkroom::metrics
