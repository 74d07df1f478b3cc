#include "tests/contract/redis_server.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"

namespace darkroom::scheduler {
namespace {

[[noreturn]] void Die(const char* what) {
  std::perror(what);
  std::abort();
}

sockaddr_in Loopback(int port) {
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<uint16_t>(port));
  return address;
}

// A server of a cluster listens 10,000 ports higher too.
constexpr int kHighestPort = 65535 - 10000;

int AnyFreePort() {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address = Loopback(0);
  socklen_t size = sizeof(address);
  if (bind(fd, reinterpret_cast<sockaddr*>(&address), size) != 0 ||
      getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size) != 0) {
    Die("no free port");
  }
  close(fd);
  return ntohs(address.sin_port);
}

int FreePort() {
  int port = AnyFreePort();
  while (port > kHighestPort) port = AnyFreePort();
  return port;
}

bool Accepts(int port) {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const sockaddr_in address = Loopback(port);
  const bool accepted =
      connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0;
  close(fd);
  return accepted;
}

}  // namespace

RedisServer::RedisServer(std::vector<std::string> settings) : settings_(std::move(settings)) {
  MakeFolder();
  Start();
}

RedisServer::RedisServer(SentinelTag, const RedisServer& master) : is_sentinel_(true) {
  MakeFolder();
  std::ofstream(folder_ / "sentinel.conf")
      << "port " << endpoint_.port << "\nbind 127.0.0.1\ndir " << folder_.string()
      << "\nlogfile redis.log\nsentinel monitor mymaster 127.0.0.1 " << master.endpoint().port
      << " 1\nsentinel down-after-milliseconds mymaster 1000\n"
      << "sentinel failover-timeout mymaster 10000\n";
  Start();
}

std::unique_ptr<RedisServer> RedisServer::Sentinel(const RedisServer& master) {
  return std::unique_ptr<RedisServer>(new RedisServer(SentinelTag{}, master));
}

void RedisServer::MakeFolder() {
  std::string name = (std::filesystem::temp_directory_path() / "darkroom-redis-XXXXXX").string();
  if (mkdtemp(name.data()) == nullptr) Die("no temporary folder");
  folder_ = name;
  endpoint_.port = FreePort();
}

RedisServer::~RedisServer() {
  Kill();
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
}

RedisServer& RedisServer::Shared() {
  // Destroyed at exit, so that no server is left behind.
  static RedisServer server;
  return server;
}

void RedisServer::Start() {
  std::vector<std::string> words = {"redis-server",
                                    "--port",
                                    absl::StrCat(endpoint_.port),
                                    "--bind",
                                    "127.0.0.1",
                                    "--dir",
                                    folder_.string(),
                                    "--save",
                                    "",
                                    "--appendonly",
                                    "yes",
                                    "--appendfsync",
                                    "always",
                                    "--maxmemory-policy",
                                    "noeviction",
                                    "--logfile",
                                    "redis.log"};
  words.insert(words.end(), settings_.begin(), settings_.end());
  if (is_sentinel_) words = {"redis-server", (folder_ / "sentinel.conf").string(), "--sentinel"};
  std::vector<char*> arguments;
  for (std::string& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  pid_ = fork();
  if (pid_ < 0) Die("fork");
  if (pid_ == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    execvp(arguments[0], arguments.data());
    _exit(127);
  }
  for (const absl::Time limit = absl::Now() + absl::Seconds(30); !Accepts(endpoint_.port);) {
    if (absl::Now() > limit || waitpid(pid_, nullptr, WNOHANG) != 0) {
      std::fprintf(stderr, "redis-server did not start\n");
      std::abort();
    }
    absl::SleepFor(absl::Milliseconds(5));
  }
}

void RedisServer::Kill() {
  if (pid_ < 0) return;
  kill(pid_, SIGKILL);
  waitpid(pid_, nullptr, 0);
  pid_ = -1;
}

void RedisServer::Restart() {
  Kill();
  Start();
}

void RedisServer::Hang() { kill(pid_, SIGSTOP); }
void RedisServer::GoOn() { kill(pid_, SIGCONT); }

}  // namespace darkroom::scheduler
