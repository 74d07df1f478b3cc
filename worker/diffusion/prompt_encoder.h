#ifndef DARKROOM_WORKER_DIFFUSION_PROMPT_ENCODER_H_
#define DARKROOM_WORKER_DIFFUSION_PROMPT_ENCODER_H_

#include <cstddef>
#include <string>
#include <vector>

#include "ATen/core/Tensor.h"
#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "prompt/chunks.h"
#include "prompt/emphasis.h"
#include "prompt/schedule.h"
#include "worker/diffusion/adapters/row_adapters.h"
#include "worker/diffusion/embedding_files.h"
#include "worker/diffusion/guidance/conditioning_schedule.h"
#include "worker/diffusion/text/clip_text_model.h"

namespace darkroom::diffusion {

// Makes the conditioning of one job's prompts, as AUTOMATIC1111's modules/sd_hijack_clip.py,
// sd_hijack_open_clip.py and sd_emphasis.py do for the job alone. Several text models read the same
// chunks, and what they make of a token follows each other. Equal chunks are encoded once. Used for
// one job and under its inference mode.
class PromptEncoder {
 public:
  // Of all contexts of a job: 242 MB of float32 in Stable Diffusion 1.5, 646 MB in SDXL. No prompt
  // of people comes near it; what hostile ones ask for ends here.
  static constexpr std::size_t kMaxChunks = 1024;

  struct Options {
    prompt::Emphasis emphasis = prompt::Emphasis::kOriginal;
    int clip_skip = 1;  // at most the model's layers
    // Of all texts, with the strengths that the text models have.
    std::vector<RowAdapters::Use> adapters = {};
    RequestEmbeddings* embeddings = nullptr;  // outlives it; null: no names are embeddings
  };

  // Models, at least one, and tokenizer, the first one's, outlive it.
  PromptEncoder(absl::Span<const ClipTextModel> models, prompt::PromptTokenizer tokenizer,
                Options options);

  // The conditioning of one part of a prompt. Contexts are [1, 77 * chunks, C] in the compute
  // dtype, C all models' channels together, all of as many chunks as its longest text takes; a
  // shorter one has empty ones at its end. Vectors are the pooled output for the first chunk, [1,
  // P] float32, or undefined where no model gives one. Emphasis is computed in float32, each
  // model's output by itself, and never of what is pooled; kOriginal takes the mean of chunk i over
  // every entry of the schedule (prompt/emphasis.h). INVALID_ARGUMENT beyond kMaxChunks, and where
  // the texts name an embedding that does not fit.
  absl::StatusOr<ConditioningSchedule> Encode(const prompt::Schedule& schedule);

 private:
  // What a chunk is made of: its ids, and the index and offset of each of its embeddings.
  using ChunkContent = std::pair<TokenChunk, std::vector<std::pair<int, int>>>;

  // What a chunk became.
  struct EncodedChunk {
    std::vector<at::Tensor> outputs;  // a model, [77, C] in the compute dtype
    at::Tensor pooled;                // [1, P], or undefined
  };

  // A text of a schedule.
  struct Text {
    int entries = 0;  // that have it
    std::vector<prompt::Chunk> chunks;
    std::vector<at::Tensor> contexts;  // of the chunks, [77, C]
  };

  static ChunkContent ContentOf(const prompt::Chunk& chunk);
  // The texts of a schedule and which of them each entry has.
  std::vector<Text> Tokenize(const prompt::Schedule& schedule, std::vector<std::size_t>* places);
  // Runs the text model on what it has not seen yet.
  void EncodeChunks(absl::Span<const Text> texts);
  // What the prompt changes of a model that reads these chunks.
  TextChanges ChangesOf(std::size_t model, absl::Span<const prompt::Chunk* const> chunks) const;
  // Appends chunk i to the contexts of all texts.
  void Weigh(std::size_t chunk, std::vector<Text>* texts) const;
  // A model's output for chunk i of each text, weighted.
  std::vector<at::Tensor> WeighOutputs(std::size_t model, std::size_t chunk,
                                       absl::Span<const Text> texts) const;

  const absl::Span<const ClipTextModel> models_;
  const prompt::PromptTokenizer tokenizer_;
  const Options options_;
  std::size_t chunks_ = 0;  // of all contexts so far
  absl::flat_hash_map<ChunkContent, EncodedChunk> encoded_;
};

}  // namespace darkroom::diffusion

#endif  // DARKROOM_WORKER_DIFFUSION_PROMPT_ENCODER_H_
