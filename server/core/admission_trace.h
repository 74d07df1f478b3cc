#ifndef DARKROOM_SERVER_CORE_ADMISSION_TRACE_H_
#define DARKROOM_SERVER_CORE_ADMISSION_TRACE_H_

#include "common/await.h"
#include "common/trace/tracer.h"
#include "scheduler/core/job.h"
#include "server/core/caller.h"

namespace darkroom::server {

// Wraps the callback of an admission into one that ends its span with what came of it: the job, or
// the reason of the ErrorInfo. A request that has joined the job of an earlier one is linked to
// that one's trace, where the job is computed.
Callback<scheduler::JobSnapshot> TraceAdmission(const trace::Tracer& tracer, trace::Span span,
                                                const Caller& caller,
                                                Callback<scheduler::JobSnapshot> done);

}  // namespace darkroom::server

#endif  // DARKROOM_SERVER_CORE_ADMISSION_TRACE_H_
