#ifndef DARKROOM_WORKER_DIFFUSION_EMBEDDING_FILES_H_
#define DARKROOM_WORKER_DIFFUSION_EMBEDDING_FILES_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/types/span.h"
#include "prompt/chunks.h"
#include "tokenizer/clip_tokenizer.h"
#include "tokenizer/embedding_names.h"
#include "worker/diffusion/adapters/textual_inversion.h"
#include "worker/diffusion/file_cache.h"
#include "worker/diffusion/named_file.h"
#include "worker/diffusion/weights/model_config.h"

namespace darkroom::diffusion {

// The textual inversions that prompts of a model may name. Not thread-safe.
class EmbeddingFiles {
 public:
  // There are none at first. `config`: the model's.
  explicit EmbeddingFiles(const ModelConfig& config);

  // As Backend::SetAdapters. `tokenizer`: the model's.
  void SetFiles(std::vector<NamedFile> files, tokenizer::ClipTokenizer& tokenizer);

  // As EmbeddingNames::Find; a match's `embedding` is a file. Vectors are not known before Get.
  std::optional<prompt::EmbeddingMatch> Find(absl::Span<const std::int64_t> tokens) const {
    return names_.Find(tokens);
  }

  // INVALID_ARGUMENT names the embedding, and says why it does not fit the model.
  absl::StatusOr<std::shared_ptr<const TextualInversion>> Get(std::size_t file);

  // As FileCache's.
  std::set<std::string> TakeCalled() { return files_.TakeCalled(); }

 private:
  FileCache<TextualInversion> files_;
  tokenizer::EmbeddingNames names_;
};

// The embeddings that the prompts of one request name. Not thread-safe.
class RequestEmbeddings {
 public:
  // `files` outlives it, and keeps its files meanwhile.
  explicit RequestEmbeddings(EmbeddingFiles* files) : files_(files) {}

  // For PromptTokenizer::find_embedding.
  std::optional<prompt::EmbeddingMatch> Find(absl::Span<const std::int64_t> tokens);

  // What an index stands for that Find has returned.
  const TextualInversion& Get(int embedding) const {
    return *found_.at(static_cast<std::size_t>(embedding));
  }

  // Not OK once Find has found an embedding that cannot be used.
  const absl::Status& status() const { return status_; }

 private:
  EmbeddingFiles* files_;
  absl::flat_hash_map<std::size_t, std::shared_ptr<const TextualInversion>> found_;  // by file
  absl::Status status_;
};

}  // namespace darkroom::diffusion

#endif  // DARKROOM_WORKER_DIFFUSION_EMBEDDING_FILES_H_
