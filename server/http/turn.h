#ifndef DARKROOM_SERVER_HTTP_TURN_H_
#define DARKROOM_SERVER_HTTP_TURN_H_

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>

#include "server/http/connection.h"

namespace darkroom::server::http {

// The exchange of one request on its connection.
class Connection::Turn final : public Exchange {
 public:
  // `reserved` bytes of its group are given back when it ends.
  Turn(std::shared_ptr<Connection> connection, Request request, const Route& route,
       const ErrorShape& errors, std::size_t reserved);
  ~Turn() override;
  Turn(const Turn&) = delete;
  Turn& operator=(const Turn&) = delete;

  Request& request() override { return request_; }
  void Answer(Response response) override;
  void Fail(const Failure& failure) override;
  void Begin(Response head) override;
  void Write(std::string bytes, Callback written) override;
  void End() override;
  void WhenGone(Callback gone) override { gone_ = std::move(gone); }
  void Break() override;

  bool watched() const { return gone_ != nullptr; }
  // The client is.
  void NoteGone();

 private:
  enum class Stage { kOpen, kStreaming, kDone };

  void Send(const Response& response, bool whole);
  void NoteDone(int status);

  const std::shared_ptr<Connection> connection_;
  Request request_;
  const Route& route_;
  const ErrorShape& errors_;
  std::size_t reserved_;  // of what all bodies may take
  const std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
  Callback gone_;
  std::string refused_;
  Stage stage_ = Stage::kOpen;
  int status_ = 0;
};

}  // namespace darkroom::server::http

#endif  // DARKROOM_SERVER_HTTP_TURN_H_
