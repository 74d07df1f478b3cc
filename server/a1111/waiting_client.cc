#include "server/a1111/waiting_client.h"

#include <memory>
#include <utility>

#include "common/trace/tracer.h"
#include "server/a1111/errors.h"

namespace darkroom::server::a1111 {
namespace {

constexpr char kAdmit[] = "admit";

}  // namespace

darkroom::v1::CancelJobRequest CancellationOf(const RunningJob& job) {
  darkroom::v1::CancelJobRequest cancel;
  cancel.set_name(job.name);
  return cancel;
}

void AwaitFor(const ContextPointer& context, const ExchangePointer& exchange, NewJob job,
              const std::string& task, std::function<void(const EndedJob&)> then) {
  Services& services = context->services;
  const http::Request& request = exchange->request();
  job.caller = request.caller;
  job.span = services.core->tracer().Start(kAdmit, trace::SpanKind::kServer,
                                           trace::ParseTraceparent(request.Header("traceparent")));
  const auto running =
      context->running.Add(OwnerOf(request.caller), task, context->loop.clock().Now());
  AwaitedJob::Handlers handlers;
  handlers.event = [running, core = services.core,
                    tenant = request.caller.tenant](const darkroom::v1::JobEvent& event) {
    running->Note(event);
    // It was interrupted before it had a name.
    if (event.has_accepted() && running->interrupted) {
      core->CancelJob(tenant, CancellationOf(*running), [](const auto&) {});
    }
  };
  handlers.done = [exchange, then = std::move(then)](absl::StatusOr<EndedJob> ended) {
    if (!ended.ok()) return exchange->Fail(FailureOf(ended.status()));
    then(*ended);
  };
  const std::weak_ptr<AwaitedJob> awaited = AwaitedJob::Start(
      context->loop, services.core, services.streams, std::move(job), std::move(handlers));
  exchange->WhenGone([awaited] {
    if (const auto waiting = awaited.lock()) waiting->Abandon();
  });
}

}  // namespace darkroom::server::a1111
