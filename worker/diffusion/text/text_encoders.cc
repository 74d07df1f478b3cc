#include "worker/diffusion/text/text_encoders.h"

#include <cstddef>
#include <utility>

#include "common/status_macros.h"
#include "worker/diffusion/text/tokenizer_folder.h"

namespace darkroom::diffusion {

using tokenizer::ClipTokenizer;

absl::StatusOr<TextEncoders> TextEncoders::Load(const ModelConfig& config,
                                                std::vector<ClipTokenizer> tokenizers,
                                                ModelWeights& weights,
                                                const at::TensorOptions& options, const Ops* ops,
                                                LoadedModules* modules) {
  DARKROOM_RETURN_IF_ERROR(CheckTokenizers(config, tokenizers));
  TextEncoders encoders;
  for (std::size_t i = 0; i < tokenizers.size(); ++i) {
    const ClipTokenizer& own = tokenizers[i];
    ChunkReading reading{.end = own.end_id()};
    if (own.pad_id() != tokenizers.front().pad_id()) reading.padding = own.pad_id();
    const absl::string_view part = TextEncoderPart(config.family, i);
    const bool first = part == TextEncoderPart(ModelFamily::kSdxl, 0);
    DARKROOM_ASSIGN_OR_RETURN(
        ClipTextModel model,
        LoadPart<ClipTextModel>(weights, part, options, [&](const WeightScope& scope) {
          const NetworkScope noted(
              scope, first ? Component::kTextEncoder : Component::kTextEncoder2, modules);
          return ClipTextModel::Load(config.text_encoders[i], reading, noted, ops);
        }));
    encoders.models_.push_back(std::move(model));
  }
  encoders.tokenizer_ = std::make_unique<ClipTokenizer>(std::move(tokenizers.front()));
  return encoders;
}

}  // namespace darkroom::diffusion
