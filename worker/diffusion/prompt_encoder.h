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
#include "worker/diffusion/guidance/context_schedule.h"
#include "worker/diffusion/text/clip_text_model.h"

namespace darkroom::diffusion {

// Makes the contexts of one job's prompts, as AUTOMATIC1111's modules/sd_hijack_clip.py and
// sd_emphasis.py do for the job alone. Equal chunks are encoded once. Used for one job and under
// its inference mode.
class PromptEncoder {
 public:
  // Of all contexts of a job: 242 MB of float32 in Stable Diffusion 1.5. No prompt of people comes
  // near it; what hostile ones ask for ends here.
  static constexpr std::size_t kMaxChunks = 1024;

  struct Options {
    prompt::Emphasis emphasis = prompt::Emphasis::kOriginal;
    int clip_skip = 1;  // at most the model's layers
  };

  // Model and tokenizer outlive it.
  PromptEncoder(const ClipTextModel& model, prompt::PromptTokenizer tokenizer, Options options)
      : model_(model), tokenizer_(std::move(tokenizer)), options_(options) {}

  // The contexts of one part of a prompt, [1, 77 * chunks, C] in the compute dtype, all of as many
  // chunks as its longest text takes; a shorter one has empty ones at its end. Emphasis is computed
  // in float32; kOriginal takes the mean of chunk i over every entry of the schedule
  // (prompt/emphasis.h). INVALID_ARGUMENT beyond kMaxChunks.
  absl::StatusOr<ContextSchedule> Encode(const prompt::Schedule& schedule);

 private:
  // A text of a schedule.
  struct Text {
    int entries = 0;  // that have it
    std::vector<prompt::Chunk> chunks;
    std::vector<at::Tensor> contexts;  // of the chunks, [77, C]
  };

  // The texts of a schedule and which of them each entry has.
  std::vector<Text> Tokenize(const prompt::Schedule& schedule, std::vector<std::size_t>* places);
  // Runs the text model on what it has not seen yet.
  void EncodeChunks(absl::Span<const Text> texts);
  // Appends chunk i to the contexts of all texts.
  void Weigh(std::size_t chunk, std::vector<Text>* texts) const;

  const ClipTextModel& model_;
  const prompt::PromptTokenizer tokenizer_;
  const Options options_;
  std::size_t chunks_ = 0;                               // of all contexts so far
  absl::flat_hash_map<TokenChunk, at::Tensor> encoded_;  // [77, C] in the compute dtype
};

}  // namespace darkroom::diffusion

#endif  // DARKROOM_WORKER_DIFFUSION_PROMPT_ENCODER_H_
