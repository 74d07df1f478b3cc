#ifndef DARKROOM_SERVER_CORE_OPEN_STREAMS_H_
#define DARKROOM_SERVER_CORE_OPEN_STREAMS_H_

#include <memory>
#include <vector>

#include "server/core/job_stream.h"

namespace darkroom::server {

// The streams of a gateway that are not closed. Loop thread only.
class OpenStreams {
 public:
  // Drained at once if DrainAll has been called.
  void Add(const std::shared_ptr<JobStream>& stream);
  int count() const;
  // Sends every reader elsewhere, also those that come later.
  void DrainAll();

 private:
  std::vector<std::weak_ptr<JobStream>> streams_;
  std::size_t sweep_at_ = 64;
  bool draining_ = false;
};

}  // namespace darkroom::server

#endif  // DARKROOM_SERVER_CORE_OPEN_STREAMS_H_
