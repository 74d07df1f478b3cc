#ifndef DARKROOM_SERVER_A1111_WAITING_CLIENT_H_
#define DARKROOM_SERVER_A1111_WAITING_CLIENT_H_

#include <functional>
#include <string>

#include "server/a1111/a1111_api.h"
#include "server/core/awaited_job.h"
#include "server/core/generation_core.h"

namespace darkroom::server::a1111 {

// Submits a job of the exchange's caller and waits for its end, while the job is one of
// context->running. When the client goes before, or the job has been marked as interrupted by the
// time it is accepted, it is cancelled. What keeps it from being
// submitted is answered to the exchange; everything else is `then`'s. Loop thread only.
void AwaitFor(const ContextPointer& context, const ExchangePointer& exchange, NewJob job,
              const std::string& task, std::function<void(const EndedJob&)> then);

// What ends a job that has a name.
darkroom::v1::CancelJobRequest CancellationOf(const RunningJob& job);

}  // namespace darkroom::server::a1111

#endif  // DARKROOM_SERVER_A1111_WAITING_CLIENT_H_
