#ifndef DARKROOM_WORKER_DIFFUSION_TEXT_TEXT_ENCODERS_H_
#define DARKROOM_WORKER_DIFFUSION_TEXT_TEXT_ENCODERS_H_

#include <memory>
#include <vector>

#include "ATen/core/Tensor.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "tokenizer/clip_tokenizer.h"
#include "worker/diffusion/adapters/network_scope.h"
#include "worker/diffusion/ops/ops.h"
#include "worker/diffusion/text/clip_text_model.h"
#include "worker/diffusion/weights/model_config.h"
#include "worker/diffusion/weights/model_weights.h"

namespace darkroom::diffusion {

// The text encoders of a model, and the tokenizer whose chunks all of them read. Used by one thread
// at a time.
class TextEncoders {
 public:
  // `tokenizers`: one a text encoder of the config; CheckTokenizers has the errors. `ops` outlives
  // the encoders. Notes in `modules`, which may be null, what adapters
  // change.
  static absl::StatusOr<TextEncoders> Load(const ModelConfig& config,
                                           std::vector<tokenizer::ClipTokenizer> tokenizers,
                                           ModelWeights& weights, const at::TensorOptions& options,
                                           const Ops* ops, LoadedModules* modules);

  // Of the first encoder.
  tokenizer::ClipTokenizer& tokenizer() { return *tokenizer_; }
  // In the order of the config.
  absl::Span<const ClipTextModel> models() const { return models_; }

 private:
  TextEncoders() = default;

  std::unique_ptr<tokenizer::ClipTokenizer> tokenizer_;
  std::vector<ClipTextModel> models_;
};

}  // namespace darkroom::diffusion

#endif  // DARKROOM_WORKER_DIFFUSION_TEXT_TEXT_ENCODERS_H_
