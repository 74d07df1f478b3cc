#ifndef DARKROOM_WORKER_DIFFUSION_SAMPLING_BROWNIAN_TREE_H_
#define DARKROOM_WORKER_DIFFUSION_SAMPLING_BROWNIAN_TREE_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <vector>

#include "absl/types/span.h"
#include "worker/diffusion/backend.h"

namespace darkroom::diffusion {

// A Brownian motion W of `size` independent elements over the times [start, end]: any increment
// W(to) − W(from), always the same one, in whatever order they are asked for. Equal to
// torchsde.BrownianTree (Li et al., "Scalable gradients for stochastic differential equations",
// 2020, virtual Brownian tree) with the noise source as its generator, as AUTOMATIC1111 has it.
//
// The interval is halved again and again until both times are ends of parts; where a part is
// halved, the Brownian bridge gives the increments of its halves from the part's own and from noise
// whose seed derives from the place of the part in the tree. All times are rounded to a millionth.
// A function of (source, seed, start, end, from, to) alone; holds at most about fifty times `size`
// floats. Not thread-safe.
class BrownianTree {
 public:
  // start ≤ end.
  BrownianTree(NoiseSource source, std::uint64_t seed, double start, double end, std::size_t size);

  // W(to) − W(from) for from ≤ to into `increment`, which has `size` elements. Times outside the
  // tree count as its ends.
  void Increment(double from, double to, absl::Span<float> increment);

 private:
  // A part of the interval: the key-th from the left of the 2^depth parts at its depth.
  struct Node {
    double start = 0;
    double end = 0;
    std::uint64_t key = 0;
    std::vector<float> w;  // the increment over it
  };
  // The halves of the last part that was halved at a depth.
  struct Halves {
    Node left;
    Node right;
  };

  const Halves& Halve(const Node& node, std::size_t depth);
  void Add(const Node& node, std::size_t depth, double from, double to, absl::Span<float> sum);
  std::vector<float> Noise(std::uint32_t seed) const;

  const NoiseSource source_;
  const std::uint64_t seed_;
  const std::size_t size_;
  Node root_;
  std::deque<Halves> halves_;  // by depth of the part; growing moves none
};

}  // namespace darkroom::diffusion

#endif  // DARKROOM_WORKER_DIFFUSION_SAMPLING_BROWNIAN_TREE_H_
