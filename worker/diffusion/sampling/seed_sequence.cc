#include "worker/diffusion/sampling/seed_sequence.h"

#include <algorithm>
#include <functional>
#include <vector>

namespace darkroom::diffusion {
namespace {

constexpr std::uint32_t kInitA = 0x43b0d7e5;
constexpr std::uint32_t kMultiplyA = 0x931e8875;
constexpr std::uint32_t kInitB = 0x8b51f9dd;
constexpr std::uint32_t kMultiplyB = 0x58f38ded;
constexpr std::uint32_t kMixLeft = 0xca01f9dd;
constexpr std::uint32_t kMixRight = 0x4973f715;
constexpr int kShift = 16;

// Its constant changes with every value, so that equal values hash differently.
class Hash {
 public:
  Hash(std::uint32_t constant, std::uint32_t multiplier)
      : constant_(constant), multiplier_(multiplier) {}

  std::uint32_t operator()(std::uint32_t value) {
    value ^= constant_;
    constant_ *= multiplier_;
    value *= constant_;
    return value ^ (value >> kShift);
  }

 private:
  std::uint32_t constant_;
  const std::uint32_t multiplier_;
};

std::uint32_t Mix(std::uint32_t x, std::uint32_t y) {
  const std::uint32_t mixed = kMixLeft * x - kMixRight * y;
  return mixed ^ (mixed >> kShift);
}

// Low word first; a value that fits into one word is one word.
void AppendWords(std::uint64_t value, std::vector<std::uint32_t>& words) {
  words.push_back(static_cast<std::uint32_t>(value));
  if (value >> 32 != 0) words.push_back(static_cast<std::uint32_t>(value >> 32));
}

}  // namespace

SeedSequence::SeedSequence(std::uint64_t entropy, absl::Span<const std::uint64_t> spawn_key) {
  std::vector<std::uint32_t> words;
  AppendWords(entropy, words);
  words.resize(kPoolSize);  // a spawn key begins after the pool: it never looks like entropy
  for (const std::uint64_t key : spawn_key) AppendWords(key, words);

  Hash hash(kInitA, kMultiplyA);
  std::transform(words.begin(), words.begin() + kPoolSize, pool_.begin(), std::ref(hash));
  for (std::size_t from = 0; from < kPoolSize; ++from) {
    for (std::size_t to = 0; to < kPoolSize; ++to) {
      if (from != to) pool_[to] = Mix(pool_[to], hash(pool_[from]));
    }
  }
  for (std::size_t i = kPoolSize; i < words.size(); ++i) {
    for (std::uint32_t& word : pool_) word = Mix(word, hash(words[i]));
  }
}

std::uint32_t SeedSequence::FirstWord() const { return Hash(kInitB, kMultiplyB)(pool_[0]); }

}  // namespace darkroom::diffusion
