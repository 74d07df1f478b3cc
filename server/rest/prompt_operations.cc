#include <utility>

#include "darkroom/v1/prompt_service.pb.h"
#include "server/rest/rest_api.h"

namespace darkroom::server::rest {
namespace {

using darkroom::v1::ExplainPromptRequest;
using darkroom::v1::ExplainPromptResponse;
using darkroom::v1::ListStylesRequest;
using darkroom::v1::ListStylesResponse;
using darkroom::v1::ReadInfotextRequest;
using darkroom::v1::ReadInfotextResponse;

// init_image has no say in an explanation, but may stand in what is explained.
constexpr std::size_t kMaxPromptBytes = std::size_t{22} << 20;
// kMaxPngBytes in base64, and a little.
constexpr std::size_t kMaxInfotextRequestBytes = std::size_t{5} << 20;

}  // namespace

void AddPromptOperations(ApiBuilder& api, Services& services) {
  RequestGate& gate = services.gate;
  api.Unary<ExplainPromptRequest, ExplainPromptResponse>(
      {.method = "POST",
       .pattern = "/v1/prompts:explain",
       .id = "ExplainPrompt",
       .summary = "Shows what a model reads in a pair of prompts",
       .max_body_bytes = kMaxPromptBytes},
      [&gate, core = services.prompts](Call<ExplainPromptRequest> call,
                                       Callback<ExplainPromptResponse> done) {
        gate.Pass(call.caller, [core, request = std::move(call.request),
                                done = std::move(done)](const absl::Status& passed) mutable {
          if (!passed.ok()) return done(passed);
          core->ExplainPrompt(request, std::move(done));
        });
      });
  api.Unary<ReadInfotextRequest, ReadInfotextResponse>(
      {.method = "POST",
       .pattern = "/v1/infotexts:read",
       .id = "ReadInfotext",
       .summary = "Reads the parameters out of a picture or its text",
       .max_body_bytes = kMaxInfotextRequestBytes},
      [&gate, core = services.prompts](Call<ReadInfotextRequest> call,
                                       Callback<ReadInfotextResponse> done) {
        gate.Pass(call.caller, [core, request = std::move(call.request),
                                done = std::move(done)](const absl::Status& passed) mutable {
          if (!passed.ok()) return done(passed);
          core->ReadInfotext(request, std::move(done));
        });
      });
  api.Unary<ListStylesRequest, ListStylesResponse>(
      {.method = "GET",
       .pattern = "/v1/styles",
       .id = "ListStyles",
       .summary = "Lists the styles that requests may name"},
      [core = services.prompts](const Call<ListStylesRequest>&, Callback<ListStylesResponse> done) {
        core->ListStyles(std::move(done));
      });
}

}  // namespace darkroom::server::rest
