#include "server/dezgo/picture_call.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/trace/tracer.h"
#include "server/http/failure.h"

namespace darkroom::server::dezgo {
namespace {

// Nothing has a price here.
constexpr char kNoAmount[] = "0";

}  // namespace

void PictureCall::Start(Loop& loop, Services& services, std::shared_ptr<http::Exchange> exchange,
                        darkroom::v1::ImageParameters parameters) {
  auto call = std::make_shared<PictureCall>(loop, exchange);
  exchange->WhenGone([call] {
    if (call->exchange_ == nullptr) return;
    call->awaited_->Abandon();
    call->Leave();
  });
  NewJob job;
  job.span = services.core->tracer().Start(
      "admit", trace::SpanKind::kServer,
      trace::ParseTraceparent(exchange->request().Header("traceparent")));
  job.caller = exchange->request().caller;
  job.parameters = std::move(parameters);
  call->awaited_ = AwaitedJob::Start(
      loop, services.core, services.streams, std::move(job),
      {{}, [call](absl::StatusOr<EndedJob> ended) { call->OnEnd(std::move(ended)); }});
}

void PictureCall::OnEnd(absl::StatusOr<EndedJob> ended) {
  const absl::Status status = ended.ok() ? ended->Outcome() : ended.status();
  if (status.ok()) {
    exchange_->Answer(PictureAnswer(ended->job, std::move(ended->pictures.front())));
  } else {
    exchange_->Fail(http::FailureOf(status));
  }
  Leave();
}

void PictureCall::Leave() {
  // What the exchange holds is let go of later: it may be what calls.
  loop_.Post([exchange = std::move(exchange_)] { exchange->WhenGone(nullptr); });
  exchange_ = nullptr;
  awaited_ = nullptr;
}

http::Response PictureAnswer(const darkroom::v1::Job& job, AwaitedPicture picture) {
  http::Response response = http::MakeResponse(200, "image/png", std::move(picture.bytes));
  const http::Field headers[] = {
      {"X-Input-Seed", absl::StrCat(job.parameters().seed())},
      {"X-Dezgo-Job-Id", std::string(absl::StripPrefix(job.name(), "jobs/"))},
      {"X-Dezgo-Job-Amount-USD", kNoAmount},
      {"X-Dezgo-Balance-Total-USD", kNoAmount},
  };
  response.headers.insert(response.headers.end(), std::begin(headers), std::end(headers));
  return response;
}

}  // namespace darkroom::server::dezgo
