#ifndef DARKROOM_WORKER_DIFFUSION_SAMPLING_SEED_SEQUENCE_H_
#define DARKROOM_WORKER_DIFFUSION_SAMPLING_SEED_SEQUENCE_H_

#include <array>
#include <cstddef>
#include <cstdint>

#include "absl/types/span.h"

namespace darkroom::diffusion {

// numpy.random.SeedSequence with a pool of 24 words, as torchsde has it: turns an image's seed and
// the place of a node in its tree into seeds that have nothing to do with each other. The mixing is
// O'Neill's ("Developing a seed_seq alternative", 2015).
class SeedSequence {
 public:
  // `spawn_key`, where there is one, makes children of one entropy differ.
  explicit SeedSequence(std::uint64_t entropy, absl::Span<const std::uint64_t> spawn_key = {});

  // The first word of generate_state, whatever the number of words asked for.
  std::uint32_t FirstWord() const;

 private:
  static constexpr std::size_t kPoolSize = 24;

  std::array<std::uint32_t, kPoolSize> pool_ = {};
};

}  // namespace darkroom::diffusion

#endif  // DARKROOM_WORKER_DIFFUSION_SAMPLING_SEED_SEQUENCE_H_
