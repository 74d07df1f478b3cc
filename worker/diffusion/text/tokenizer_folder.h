#ifndef DARKROOM_WORKER_DIFFUSION_TEXT_TOKENIZER_FOLDER_H_
#define DARKROOM_WORKER_DIFFUSION_TEXT_TOKENIZER_FOLDER_H_

#include <filesystem>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "tokenizer/clip_tokenizer.h"
#include "worker/diffusion/weights/model_config.h"

namespace darkroom::diffusion {

// Reads vocab.json and merges.txt of a model's tokenizer/ folder. INVALID_ARGUMENT or NOT_FOUND
// name the file, and what is wrong in it.
absl::StatusOr<tokenizer::ClipTokenizer> LoadTokenizer(const std::filesystem::path& folder,
                                                       const tokenizer::TokenizerConfig& config);

// The tokenizers of a model's text encoders read the same chunks: INVALID_ARGUMENT where there is
// not one for each, they differ in more than their padding, or have ids that their encoder does not
// know.
absl::Status CheckTokenizers(const ModelConfig& config,
                             absl::Span<const tokenizer::ClipTokenizer> tokenizers);

// Those of every text encoder of a model folder, in the order of the config, checked.
absl::StatusOr<std::vector<tokenizer::ClipTokenizer>> LoadTokenizers(
    const std::filesystem::path& model_folder, const ModelConfig& config);

}  // namespace darkroom::diffusion

#endif  // DARKROOM_WORKER_DIFFUSION_TEXT_TOKENIZER_FOLDER_H_
