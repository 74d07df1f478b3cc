#ifndef DARKROOM_WORKER_DIFFUSION_TEXT_TOKENIZER_FOLDER_H_
#define DARKROOM_WORKER_DIFFUSION_TEXT_TOKENIZER_FOLDER_H_

#include <filesystem>

#include "absl/status/statusor.h"
#include "tokenizer/clip_tokenizer.h"

namespace darkroom::diffusion {

// Reads vocab.json and merges.txt of a model's tokenizer/ folder. INVALID_ARGUMENT or NOT_FOUND
// name the file, and what is wrong in it.
absl::StatusOr<tokenizer::ClipTokenizer> LoadTokenizer(const std::filesystem::path& folder,
                                                       const tokenizer::TokenizerConfig& config);

}  // namespace darkroom::diffusion

#endif  // DARKROOM_WORKER_DIFFUSION_TEXT_TOKENIZER_FOLDER_H_
