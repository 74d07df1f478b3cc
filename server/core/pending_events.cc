#include "server/core/pending_events.h"

#include <utility>
#include <variant>

namespace darkroom::server {
namespace {

using scheduler::PreviewEvent;
using scheduler::ProgressEvent;

bool Replaces(const scheduler::EventBody& newer, const scheduler::EventBody& older) {
  if (newer.index() != older.index()) return false;
  if (std::holds_alternative<ProgressEvent>(newer)) return true;
  const auto* preview = std::get_if<PreviewEvent>(&newer);
  return preview != nullptr && preview->image == std::get<PreviewEvent>(older).image;
}

}  // namespace

void PendingEvents::Add(scheduler::JobEvent event) {
  std::erase_if(events_, [&event](const scheduler::JobEvent& older) {
    return Replaces(event.body, older.body);
  });
  events_.push_back(std::move(event));
}

scheduler::JobEvent PendingEvents::Take() {
  scheduler::JobEvent oldest = std::move(events_.front());
  events_.pop_front();
  return oldest;
}

void PendingEvents::PutBack(scheduler::JobEvent event) { events_.push_front(std::move(event)); }

}  // namespace darkroom::server
