#include "server/http/turn.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "common/log.h"
#include "server/core/api_error.h"
#include "server/http/request_id.h"

namespace darkroom::server::http {

Connection::Turn::Turn(std::shared_ptr<Connection> connection, Request request, const Route& route,
                       const ErrorShape& errors, std::size_t reserved)
    : connection_(std::move(connection)),
      request_(std::move(request)),
      route_(route),
      errors_(errors),
      reserved_(reserved) {
  if (route_.streams) connection_->group_->meter.NoteStreams(route_, 1);
}

Connection::Turn::~Turn() {
  if (stage_ == Stage::kOpen) {
    Fail(FailureOf(ApiError(absl::StatusCode::kInternal, reason::kInternal,
                            "the request was dropped; this is a defect of the server")));
  } else if (stage_ == Stage::kStreaming) {
    Break();
  }
  connection_->group_->body_bytes -= reserved_;
}

void Connection::Turn::Answer(Response response) {
  if (stage_ != Stage::kOpen) return;
  connection_->group_->origins.Mark(request_, response);
  Send(response, true);
  NoteDone(response.status);
  connection_->FinishAnswer(request_.persistent);
}

void Connection::Turn::Fail(const Failure& failure) {
  if (stage_ != Stage::kOpen) return;  // the listener and its routes may be gone
  refused_ = ReasonOf(failure.status);
  // Others are told their caller, and counted; this is a defect.
  if (failure.http_status == 500) {
    log::Warning("a request failed", {{"request", request_.id},
                                      {"route", route_.pattern},
                                      {"status", failure.http_status},
                                      {"reason", refused_}});
  }
  Answer(ToResponse(failure, errors_));
}

void Connection::Turn::Send(const Response& response, bool whole) {
  Response head = response;
  head.headers.push_back({kRequestIdHeader, request_.id});
  const std::size_t length = head.body == nullptr ? 0 : head.body->size();
  if (!whole && request_.chunks) head.headers.push_back({"Transfer-Encoding", "chunked"});
  if (whole && MayHaveBody(head.status))
    head.headers.push_back({"Content-Length", absl::StrCat(length)});
  if (!whole && !request_.chunks) request_.persistent = false;
  request_.persistent = request_.persistent && !connection_->group_->draining;
  connection_->Complete(head, request_);
  connection_->Send({SerializeHead(head)});
  status_ = head.status;
  if (length > 0 && request_.method != "HEAD") connection_->Send({"", head.body});
}

void Connection::Turn::Begin(Response head) {
  if (stage_ != Stage::kOpen) return;
  connection_->group_->origins.Mark(request_, head);
  if (request_.body.empty()) connection_->group_->body_bytes -= std::exchange(reserved_, 0);
  connection_->wire_->HoldLittle();
  Send(head, false);
  stage_ = Stage::kStreaming;
}

void Connection::Turn::Write(std::string bytes, Callback written) {
  if (stage_ != Stage::kStreaming) return;
  if (request_.chunks && !bytes.empty()) {  // an empty chunk is the last
    bytes = absl::StrCat(absl::Hex(bytes.size()), "\r\n", bytes, "\r\n");
  }
  connection_->Send({std::move(bytes), nullptr, std::move(written)});
}

void Connection::Turn::End() {
  if (stage_ != Stage::kStreaming) return;
  if (request_.chunks) connection_->Send({"0\r\n\r\n"});
  NoteDone(status_);
  connection_->FinishAnswer(request_.persistent);
}

void Connection::Turn::Break() {
  if (stage_ == Stage::kDone) return;
  NoteDone(status_);
  connection_->Close();
}

void Connection::Turn::NoteGone() {
  if (stage_ == Stage::kDone) return;
  NoteDone(0);
  if (gone_ != nullptr) std::exchange(gone_, nullptr)();
}

void Connection::Turn::NoteDone(int status) {
  stage_ = Stage::kDone;
  const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - start_;
  connection_->group_->meter.NoteAnswer(&route_, status, absl::Seconds(elapsed.count()), refused_);
  if (route_.streams) connection_->group_->meter.NoteStreams(route_, -1);
}

}  // namespace darkroom::server::http
