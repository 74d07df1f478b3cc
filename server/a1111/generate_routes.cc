#include <memory>
#include <string>
#include <utility>

#include "common/trace/tracer.h"
#include "server/a1111/a1111_api.h"
#include "server/a1111/errors.h"
#include "server/a1111/image_request.h"
#include "server/a1111/picture_answer.h"
#include "server/a1111/waiting_client.h"
#include "server/http/json.h"

namespace darkroom::server::a1111 {
namespace {

using google::protobuf::Struct;

void Answer(const ContextPointer& context, http::Exchange& exchange, const EndedJob& ended,
            const AnswerContext& answer) {
  // As there, who interrupts gets what has been made by then.
  const bool cut_short =
      ended.job.state() == darkroom::v1::JOB_STATE_CANCELLED && !ended.pictures.empty();
  const absl::Status outcome = ended.Outcome();
  if (!outcome.ok() && !cut_short) return exchange.Fail(FailureOf(outcome));
  exchange.Answer(
      http::JsonResponse(PictureAnswer(ended, answer, context->services.catalogue->models())));
}

void Generate(const ContextPointer& context, const ExchangePointer& exchange, Kind kind,
              Struct body, const Settings& settings) {
  ImageRequest request =
      ReadImageRequest(kind, body, settings, context->services.catalogue->models());
  AnswerContext answer;
  answer.sent.Swap(&body);
  answer.ignored = std::move(request.ignored);
  answer.send_images = request.send_images;
  answer.time = context->loop.clock().Now();
  for (const char* picture : {"init_images", "mask"}) {
    answer.sent.mutable_fields()->erase(picture);
  }
  NewJob job;
  job.parameters.Swap(&request.parameters);
  job.violations = std::move(request.violations);
  AwaitFor(context, exchange, std::move(job), request.task,
           [context, exchange, answer = std::move(answer)](const EndedJob& ended) {
             Answer(context, *exchange, ended, answer);
           });
}

void Add(http::Router& router, const ContextPointer& context, std::string pattern, Kind kind) {
  router.Add({"POST", std::move(pattern), http::Access::Scope(darkroom::v1::KEY_SCOPE_GENERATE),
              kMaxPicturesBytes, [context, kind](const ExchangePointer& exchange) {
                auto body = ReadBody(*exchange);
                if (!body.has_value()) return;
                WithSettings(
                    context, exchange,
                    [context, exchange, kind, body = *std::move(body)](const Settings& settings) {
                      Generate(context, exchange, kind, body, settings);
                    });
              }});
}

}  // namespace

void AddGenerateRoutes(http::Router& router, const ContextPointer& context) {
  Add(router, context, "/sdapi/v1/txt2img", Kind::kTextToImage);
  Add(router, context, "/sdapi/v1/img2img", Kind::kImageToImage);
}

}  // namespace darkroom::server::a1111
