#ifndef DARKROOM_SERVER_TESTING_HTTP_CLIENT_H_
#define DARKROOM_SERVER_TESTING_HTTP_CLIENT_H_

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <map>
#include <string>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"

namespace darkroom::server {

// An answer as it came.
struct HttpAnswer {
  int status = 0;                             // 0: the connection ended instead
  std::map<std::string, std::string> fields;  // names in lower case
  std::string body;

  std::string Header(const std::string& name) const {
    const auto found = fields.find(name);
    return found == fields.end() ? "" : found->second;
  }
};

// One connection to a server on this machine, whose calls block; it sends what it is told to, be
// that HTTP or not.
class HttpClient {
 public:
  explicit HttpClient(int port, int receive_buffer_bytes = 0)
      : socket_(socket(AF_INET, SOCK_STREAM, 0)) {
    if (receive_buffer_bytes > 0) {
      setsockopt(socket_, SOL_SOCKET, SO_RCVBUF, &receive_buffer_bytes,
                 sizeof(receive_buffer_bytes));
    }
    const timeval patience = {60, 0};
    setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
    sockaddr_in address = {};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof(address));
  }
  ~HttpClient() { close(socket_); }
  HttpClient(const HttpClient&) = delete;
  HttpClient& operator=(const HttpClient&) = delete;

  // False: nobody takes it any more.
  bool Send(absl::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t sent = send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent <= 0) return false;
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
  }
  void SendNoMore() { shutdown(socket_, SHUT_WR); }

  // The next answer, to a request of this method.
  HttpAnswer Read(absl::string_view method = "GET") {
    HttpAnswer answer = ReadHead();
    std::size_t length = 0;
    if (answer.Header("transfer-encoding") == "chunked") {
      while (ReadChunk()) {
      }
      answer.body = std::exchange(decoded_, {});
    } else if (method != "HEAD" && absl::SimpleAtoi(answer.Header("content-length"), &length)) {
      while (received_.size() < length && Receive()) {
      }
      answer.body = TakeBytes(length);
    }
    return answer;
  }
  // Of an answer whose events are then read one by one.
  HttpAnswer ReadHead() {
    HttpAnswer answer;
    const std::string head = TakeUntil(received_, "\r\n\r\n", [this] { return Receive(); });
    bool first = true;
    for (const absl::string_view line : absl::StrSplit(head, "\r\n", absl::SkipEmpty())) {
      if (std::exchange(first, false)) {
        if (!absl::SimpleAtoi(line.substr(9, 3), &answer.status)) answer.status = -1;
        continue;
      }
      const std::pair<std::string, std::string> field =
          absl::StrSplit(line, absl::MaxSplits(": ", 1));
      answer.fields[absl::AsciiStrToLower(field.first)] = field.second;
    }
    return answer;
  }
  // The next Server-Sent Event with its fields as lines, comments and "retry" left out; empty at
  // the end.
  std::string ReadEvent() {
    std::string event;
    do {
      event = TakeUntil(decoded_, "\n\n", [this] { return ReadChunk(); });
    } while (absl::StartsWith(event, ":") || absl::StartsWith(event, "retry:"));
    return event;
  }
  // Waits for the server to end the connection; false: it sent something instead.
  bool Ends() { return received_.empty() && !Receive() && received_.empty(); }

 private:
  bool Receive() {
    char bytes[65'536];
    const ssize_t count = recv(socket_, bytes, sizeof(bytes), 0);
    if (count > 0) received_.append(bytes, static_cast<std::size_t>(count));
    return count > 0;
  }
  // False for the last one.
  bool ReadChunk() {
    const std::string line = TakeUntil(received_, "\r\n", [this] { return Receive(); });
    std::size_t size = 0;
    const bool good = absl::SimpleHexAtoi(absl::StripSuffix(line, "\r\n"), &size);
    while (good && received_.size() < size + 2 && Receive()) {
    }
    decoded_ += TakeBytes(size);
    TakeBytes(2);
    return good && size > 0;
  }
  std::string TakeBytes(std::size_t count) {
    std::string taken = received_.substr(0, count);
    received_.erase(0, count);
    return taken;
  }
  template <typename More>
  static std::string TakeUntil(std::string& buffer, absl::string_view end, More more) {
    std::size_t found = buffer.find(end.data(), 0, end.size());
    while (found == std::string::npos && more()) found = buffer.find(end.data(), 0, end.size());
    if (found == std::string::npos) return "";
    std::string taken = buffer.substr(0, found + end.size());
    buffer.erase(0, found + end.size());
    return taken;
  }

  const int socket_;
  std::string received_;
  std::string decoded_;  // of chunks
};

}  // namespace darkroom::server

#endif  // DARKROOM_SERVER_TESTING_HTTP_CLIENT_H_
