#include "server/core/prompt_core.h"

#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "infotext/infotext.h"
#include "infotext/png_text.h"
#include "prompt/explanation.h"
#include "server/admission/denoiser_work.h"
#include "server/core/api_error.h"
#include "server/core/embedding_warnings.h"
#include "server/core/emphasis.h"
#include "server/core/explanation_view.h"
#include "server/core/infotext_hires.h"
#include "server/core/infotext_reading.h"
#include "tokenizer/embedding_names.h"
#include "tokenizer/prompt_tokenizer.h"

namespace darkroom::server {
namespace {

using darkroom::v1::ExplainPromptResponse;
using darkroom::v1::ReadInfotextRequest;
using darkroom::v1::ReadInfotextResponse;

std::vector<tokenizer::NamedEmbedding> EmbeddingsOf(const AdapterIndex& adapters,
                                                    darkroom::v1::ModelFamily family) {
  std::vector<tokenizer::NamedEmbedding> embeddings;
  for (const AdapterIndex::Listed* listed :
       adapters.AllOf(darkroom::v1::ADAPTER_KIND_EMBEDDING, family)) {
    embeddings.push_back({listed->adapter().name(), listed->adapter().vectors()});
  }
  return embeddings;
}

ExplainPromptResponse Explained(darkroom::v1::ImageParameters parameters,
                                tokenizer::ClipTokenizer& tokenizer, const AdapterIndex& adapters,
                                darkroom::v1::ModelFamily family) {
  ExplainPromptResponse response;
  const std::vector<tokenizer::NamedEmbedding> embeddings = EmbeddingsOf(adapters, family);
  const tokenizer::EmbeddingNames names(embeddings, tokenizer);
  const int calls = ScheduledCalls(parameters);
  const prompt::Explanation explanation = prompt::Explain(
      {parameters.prompt(), parameters.negative_prompt()}, MakePromptTokenizer(tokenizer, names),
      [&tokenizer](std::int64_t id) { return tokenizer.Spell(id); },
      {.pass = {.steps = calls}, .chunks = {.emphasis = ToEmphasis(parameters.emphasis())}});
  response.set_denoiser_calls(calls);
  *response.mutable_prompt() = ViewExplanation(explanation.prompt, embeddings);
  *response.mutable_negative_prompt() = ViewExplanation(explanation.negative_prompt, embeddings);
  for (std::string& warning :
       WarnOfOtherEmbeddings(parameters.prompt(), adapters, family, tokenizer)) {
    response.mutable_prompt()->add_warnings(std::move(warning));
  }
  for (std::string& warning :
       WarnOfOtherEmbeddings(parameters.negative_prompt(), adapters, family, tokenizer)) {
    response.mutable_negative_prompt()->add_warnings(std::move(warning));
  }
  response.mutable_parameters()->Swap(&parameters);
  return response;
}

absl::Status TooLong(absl::string_view field, std::size_t bytes, std::size_t most) {
  return InvalidRequest({{std::string(field),
                          absl::StrCat("has ", bytes, " bytes; at most ", most, " are allowed")}});
}

// The text of a picture that its bytes hold.
absl::StatusOr<std::string> TextOfPng(const std::string& png) {
  if (png.size() > kMaxPngBytes) return TooLong("png", png.size(), kMaxPngBytes);
  absl::StatusOr<std::string> text = infotext::ReadPngParameters(png);
  if (absl::IsNotFound(text.status())) {
    return InvalidRequest({{"png",
                            "holds no generation parameters; send the file as it was made, not a "
                            "copy that was edited or sent through a messenger, or send its text "
                            "as infotext"}});
  }
  if (!text.ok()) {
    return InvalidRequest({{"png", absl::StrCat("cannot be read: ", text.status().message(),
                                                "; send a whole PNG file")}});
  }
  if (text->size() > kMaxInfotextBytes) return TooLong("png", text->size(), kMaxInfotextBytes);
  return text;
}

absl::StatusOr<std::string> TextOf(const ReadInfotextRequest& request) {
  if (request.has_png()) return TextOfPng(request.png());
  const std::string& text = request.infotext();
  if (text.empty()) {
    return InvalidRequest(
        {{"infotext", "is empty; send the text of a picture's parameters, or a PNG file as png"}});
  }
  if (text.size() > kMaxInfotextBytes) return TooLong("infotext", text.size(), kMaxInfotextBytes);
  return text;
}

ReadInfotextResponse ViewReading(std::string text, InfotextReading reading) {
  ReadInfotextResponse response;
  response.mutable_parameters()->Swap(&reading.parameters);
  response.set_infotext(std::move(text));
  for (std::string& note : reading.notes) response.add_notes(std::move(note));
  return response;
}

}  // namespace

PromptCore::PromptCore(std::shared_ptr<RequestCheck> requests,
                       std::shared_ptr<TokenizerCache> tokenizers)
    : requests_(std::move(requests)), tokenizers_(std::move(tokenizers)) {}

void PromptCore::ExplainPrompt(const darkroom::v1::ExplainPromptRequest& request,
                               Callback<ExplainPromptResponse> done) {
  darkroom::v1::ImageParameters asked = request.parameters();
  // The picture has no say in how prompts are read, but some models need one, and its guidance says
  // how many parts of a prompt these take.
  darkroom::v1::InitImage image;
  if (asked.init_image().has_guidance_scale()) {
    image.set_guidance_scale(asked.init_image().guidance_scale());
  }
  asked.mutable_init_image()->Swap(&image);
  asked.clear_upscale();
  asked.clear_hires_fix();  // what is explained is the first pass, and a picture goes with no other
  requests_->Check(
      std::move(asked), {},
      [self = shared_from_this(), done = std::move(done)](absl::StatusOr<Verdict> verdict) mutable {
        if (!verdict.ok()) return done(verdict.status());
        if (!verdict->violations.empty()) return done(InvalidRequest(verdict->violations));
        verdict->resolved.clear_init_image();
        const darkroom::v1::Model& model = *self->requests_->catalogue().Find(verdict->model);
        GetAdapters(
            *self->requests_->adapters(), model,
            [self, model, parameters = std::move(verdict->resolved),
             done = std::move(done)](absl::StatusOr<AdapterCache::Pointer> adapters) mutable {
              if (!adapters.ok()) return done(adapters.status());
              self->ExplainWith(model, *std::move(adapters), std::move(parameters),
                                std::move(done));
            });
      });
}

void PromptCore::ExplainWith(const darkroom::v1::Model& model, AdapterCache::Pointer adapters,
                             darkroom::v1::ImageParameters parameters,
                             Callback<ExplainPromptResponse> done) {
  tokenizers_->Get(
      model.tokenizer_digest(),
      [adapters = std::move(adapters), family = model.family(), parameters = std::move(parameters),
       done = std::move(done)](absl::StatusOr<TokenizerCache::Pointer> tokenizer) mutable {
        if (!tokenizer.ok()) return done(tokenizer.status());
        done(Explained(std::move(parameters), **tokenizer, *adapters, family));
      });
}

void PromptCore::ReadInfotext(const ReadInfotextRequest& request,
                              Callback<ReadInfotextResponse> done) {
  absl::StatusOr<std::string> text = TextOf(request);
  if (!text.ok()) return done(text.status());
  infotext::ImageParameters picture = infotext::ParseInfotext(*text);
  const ModelCatalogue& catalogue = requests_->catalogue();
  InfotextReading reading = ReadParameters(picture, catalogue.models());
  absl::string_view id = reading.parameters.model();
  absl::ConsumePrefix(&id, "models/");
  const darkroom::v1::Model* model =
      catalogue.Find(id.empty() ? catalogue.default_model() : std::string(id));
  if (!NamesUpscalerFile(picture) || model == nullptr) {
    return done(ViewReading(*std::move(text), std::move(reading)));
  }
  GetAdapters(*requests_->adapters(), *model,
              [self = shared_from_this(), text = *std::move(text), picture = std::move(picture),
               done = std::move(done)](absl::StatusOr<AdapterCache::Pointer> files) mutable {
                done(ViewReading(std::move(text),
                                 ReadParameters(picture, self->requests_->catalogue().models(),
                                                files.ok() ? files->get() : nullptr)));
              });
}

void PromptCore::ListStyles(Callback<darkroom::v1::ListStylesResponse> done) {
  darkroom::v1::ListStylesResponse response;
  for (const prompt::Style& style : requests_->styles()) {
    darkroom::v1::Style& view = *response.add_styles();
    view.set_name(style.name);
    view.set_prompt(style.prompt);
    view.set_negative_prompt(style.negative_prompt);
  }
  done(std::move(response));
}

}  // namespace darkroom::server
