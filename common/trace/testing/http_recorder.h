#ifndef DARKROOM_COMMON_TRACE_TESTING_HTTP_RECORDER_H_
#define DARKROOM_COMMON_TRACE_TESTING_HTTP_RECORDER_H_

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace darkroom::trace {

// An HTTP server on a free port of this machine that keeps what is posted to it: a collector, for
// tests. One thread of its own; thread-safe.
class HttpRecorder {
 public:
  static constexpr int kSilence = 0;
  struct Request {
    std::string target;
    std::string content_type;
    std::string body;
  };

  HttpRecorder();
  ~HttpRecorder();

  std::string url() const;  // "http://127.0.0.1:43210/v1/traces"
  // What requests are answered from now on; kSilence: nothing, and they wait for ever.
  void SetStatus(int status);
  // What it says of whether the connection goes on.
  void SetKeepAlive(bool keep_alive);
  std::vector<Request> requests() const;
  int connections() const;  // so far
  // Blocks until it holds of the requests; false after a minute.
  bool Await(const std::function<bool(const std::vector<Request>&)>& holds) const;

 private:
  struct Impl;
  const std::unique_ptr<Impl> impl_;
};

}  // namespace darkroom::trace

#endif  // DARKROOM_COMMON_TRACE_TESTING_HTTP_RECORDER_H_
