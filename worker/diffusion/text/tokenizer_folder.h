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

// CLIP's merges, one a line, best first, below a line with "#version": OpenAI's
// bpe_simple_vocab_16e6.txt or a merges.txt. The first 48,894 are used, as in CLIP. For models that
// bring no vocabulary. Errors as below.
absl::StatusOr<tokenizer::ClipTokenizer> LoadClipMerges(const std::filesystem::path& path,
                                                        const tokenizer::TokenizerConfig& config);

// Reads vocab.json and merges.txt of a model's tokenizer/ folder. INVALID_ARGUMENT or NOT_FOUND
// name the file, and what is wrong in it.
absl::StatusOr<tokenizer::ClipTokenizer> LoadTokenizer(const std::filesystem::path& folder,
                                                       const tokenizer::TokenizerConfig& config);

// The tokenizers of a model's text encoders read the same chunks: INVALID_ARGUMENT where there is
// not one for each, they differ in more than their padding, or have ids that their encoder does not
// know.
absl::Status CheckTokenizers(const ModelConfig& config,
                             absl::Span<const tokenizer::ClipTokenizer> tokenizers);

// The same vocabulary for every text encoder of a model that has none of its own, each with its
// encoder's padding: `path` is a folder as LoadTokenizer reads it, or a file of merges. Checked.
absl::StatusOr<std::vector<tokenizer::ClipTokenizer>> LoadTokenizersOfAll(
    const std::filesystem::path& path, const ModelConfig& config);

// Those of every text encoder of a model folder, in the order of the config, checked.
absl::StatusOr<std::vector<tokenizer::ClipTokenizer>> LoadTokenizers(
    const std::filesystem::path& model_folder, const ModelConfig& config);

}  // namespace darkroom::diffusion

#endif  // DARKROOM_WORKER_DIFFUSION_TEXT_TOKENIZER_FOLDER_H_
