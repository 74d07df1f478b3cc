#include "server/core/open_streams.h"

#include <algorithm>

namespace darkroom::server {
namespace {

bool IsClosed(const std::weak_ptr<JobStream>& weak) {
  const auto stream = weak.lock();
  return stream == nullptr || stream->closed();
}

}  // namespace

void OpenStreams::Add(const std::shared_ptr<JobStream>& stream) {
  if (streams_.size() >= sweep_at_) {
    std::erase_if(streams_, IsClosed);
    sweep_at_ = std::max<std::size_t>(64, 2 * streams_.size());
  }
  streams_.push_back(stream);
  if (draining_) stream->Drain();
}

int OpenStreams::count() const {
  return static_cast<int>(streams_.size() -
                          std::count_if(streams_.begin(), streams_.end(), IsClosed));
}

void OpenStreams::DrainAll() {
  draining_ = true;
  for (const auto& weak : streams_) {
    if (const auto stream = weak.lock()) stream->Drain();
  }
}

}  // namespace darkroom::server
