#ifndef DARKROOM_SERVER_CORE_PROMPT_CORE_H_
#define DARKROOM_SERVER_CORE_PROMPT_CORE_H_

#include <cstddef>
#include <memory>

#include "common/await.h"
#include "darkroom/v1/prompt_service.pb.h"
#include "server/admission/request_check.h"
#include "server/core/tokenizer_cache.h"

namespace darkroom::server {

inline constexpr std::size_t kMaxInfotextBytes = 65'536;
inline constexpr std::size_t kMaxPngBytes = std::size_t{3} << 20;

// The prompt service without its transport. Every error is an ApiError. Loop thread only; callbacks
// run there, once.
class PromptCore : public std::enable_shared_from_this<PromptCore> {
 public:
  PromptCore(std::shared_ptr<RequestCheck> requests, std::shared_ptr<TokenizerCache> tokenizers);

  void ExplainPrompt(const darkroom::v1::ExplainPromptRequest& request,
                     Callback<darkroom::v1::ExplainPromptResponse> done);
  // Knows the models that the catalogue knows at the moment, and the upscalers beside the
  // picture's, or else the default one; while these are not there, none.
  void ReadInfotext(const darkroom::v1::ReadInfotextRequest& request,
                    Callback<darkroom::v1::ReadInfotextResponse> done);
  void ListStyles(Callback<darkroom::v1::ListStylesResponse> done);

 private:
  void ExplainWith(const darkroom::v1::Model& model, AdapterCache::Pointer adapters,
                   darkroom::v1::ImageParameters parameters,
                   Callback<darkroom::v1::ExplainPromptResponse> done);

  const std::shared_ptr<RequestCheck> requests_;
  const std::shared_ptr<TokenizerCache> tokenizers_;
};

}  // namespace darkroom::server

#endif  // DARKROOM_SERVER_CORE_PROMPT_CORE_H_
