#include "server/http/event_writer.h"

#include <utility>

namespace darkroom::server::http {

std::shared_ptr<EventWriter> EventWriter::Start(Loop& loop, std::shared_ptr<Exchange> exchange) {
  auto writer = std::make_shared<EventWriter>(loop, std::move(exchange));
  Response head;
  head.headers = {{"Content-Type", "text/event-stream"},
                  // So that nginx passes events on as they come.
                  {"X-Accel-Buffering", "no"}};
  writer->exchange_->Begin(std::move(head));
  writer->KeepAlive();
  return writer;
}

void EventWriter::Write(std::string events) {
  if (writing_) {
    waiting_.append(events);
    return;
  }
  writing_ = true;
  exchange_->Write(std::move(events), [self = shared_from_this()] { self->OnWritten(); });
}

void EventWriter::OnWritten() {
  writing_ = false;
  if (!waiting_.empty()) return Write(std::exchange(waiting_, {}));
  if (ending_) exchange_->End();
}

void EventWriter::End() {
  ending_ = true;
  if (!writing_) exchange_->End();
}

void EventWriter::KeepAlive() {
  loop_.PostAfter(kKeepAlive, [weak = weak_from_this()] {
    const auto self = weak.lock();
    if (self == nullptr || self->ending_) return;
    if (!self->writing_) self->Write(":\n\n");
    self->KeepAlive();
  });
}

}  // namespace darkroom::server::http
