#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "infotext/parts.h"
#include "infotext/png_text.h"
#include "server/a1111/a1111_api.h"
#include "server/a1111/errors.h"
#include "server/a1111/extras_request.h"
#include "server/a1111/fields.h"
#include "server/a1111/picture_answer.h"
#include "server/a1111/values.h"
#include "server/a1111/waiting_client.h"
#include "server/core/api_error.h"
#include "server/http/json.h"

namespace darkroom::server::a1111 {
namespace {

// Makes the pictures of one body larger, one after the other: so it never has more than one job in
// the queue, and a tier's limit of them does not depend on how many pictures somebody sends.
class Extras : public std::enable_shared_from_this<Extras> {
 public:
  Extras(ContextPointer context, ExchangePointer exchange, ExtrasRequest request, bool batch)
      : context_(std::move(context)),
        exchange_(std::move(exchange)),
        request_(std::move(request)),
        batch_(batch) {}

  void Next() {
    if (made_.size() == request_.pictures.size()) return Answer();
    NewJob job;
    job.parameters.Swap(&request_.pictures[made_.size()]);
    job.violations = request_.violations;
    AwaitFor(context_, exchange_, std::move(job), "",
             [self = shared_from_this()](const EndedJob& ended) { self->Take(ended); });
  }

 private:
  void Take(const EndedJob& ended) {
    const absl::Status outcome = ended.Outcome();
    if (!outcome.ok()) return exchange_->Fail(FailureOf(outcome));
    made_.push_back(ended.pictures.front());
    Next();
  }

  void Answer() {
    const std::string html = http::Quoted(absl::StrJoin(request_.ignored, " "));
    const std::string pictures =
        batch_ ? absl::StrCat("\"images\":", PicturesJson(made_))
               : absl::StrCat("\"image\":\"", absl::Base64Escape(made_.front().bytes), "\"");
    exchange_->Answer(
        http::JsonResponse(absl::StrCat("{\"html_info\":", html, ",", pictures, "}\n")));
  }

  const ContextPointer context_;
  const ExchangePointer exchange_;
  ExtrasRequest request_;
  const bool batch_;
  std::vector<AwaitedPicture> made_;
};

void Enlarge(const ContextPointer& context, const ExchangePointer& exchange, bool batch) {
  const auto body = ReadBody(*exchange);
  if (!body.has_value()) return;
  WithSettings(context, exchange, [context, exchange, batch, body = *body](const Settings& set) {
    ExtrasRequest request = ReadExtrasRequest(body, set, context->services.catalogue->models());
    if (!request.violations.empty()) {
      return exchange->Fail(FailureOf(InvalidRequest(request.violations)));
    }
    std::make_shared<Extras>(context, exchange, std::move(request), batch)->Next();
  });
}

// As there, a picture without parameters is no error.
void ReadPngInfo(const ExchangePointer& exchange) {
  const auto body = ReadBody(*exchange);
  if (!body.has_value()) return;
  std::vector<FieldViolation> violations;
  const auto picture = Fields(*body, violations).Picture("image");
  if (!violations.empty()) return exchange->Fail(FailureOf(InvalidRequest(violations)));
  const std::string text = infotext::ReadPngParameters(picture.value_or("")).value_or("");
  Value parameters = Object({});
  Value items = Object({});
  if (!text.empty()) {
    auto& fields = *parameters.mutable_struct_value()->mutable_fields();
    const infotext::InfotextParts parts = infotext::SplitInfotext(text);
    for (const infotext::Pair& pair : parts.pairs) fields[pair.key] = Text(pair.value);
    fields["Prompt"] = Text(parts.prompt);
    fields["Negative prompt"] = Text(parts.negative_prompt);
    items = Object({{"parameters", Text(text)}});
  }
  AnswerJson(*exchange,
             Object({{"info", Text(text)}, {"items", items}, {"parameters", parameters}}));
}

void RefuseInterrogation(const ExchangePointer& exchange) {
  exchange->Fail(FailureOf(ApiError(absl::StatusCode::kUnimplemented, reason::kInvalidRequest,
                                    "pictures cannot be described here: there is no model that "
                                    "does it; leave interrogate out")));
}

}  // namespace

void AddExtrasRoutes(http::Router& router, const ContextPointer& context) {
  const auto add = [&router](const char* pattern, http::Handler handle) {
    router.Add({"POST", pattern, http::Access::Scope(darkroom::v1::KEY_SCOPE_GENERATE),
                kMaxPicturesBytes, std::move(handle)});
  };
  for (const bool batch : {false, true}) {
    add(batch ? "/sdapi/v1/extra-batch-images" : "/sdapi/v1/extra-single-image",
        [context, batch](const ExchangePointer& exchange) { Enlarge(context, exchange, batch); });
  }
  add("/sdapi/v1/png-info", &ReadPngInfo);
  add("/sdapi/v1/interrogate", &RefuseInterrogation);
}

}  // namespace darkroom::server::a1111
