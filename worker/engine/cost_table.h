#ifndef DARKROOM_WORKER_ENGINE_COST_TABLE_H_
#define DARKROOM_WORKER_ENGINE_COST_TABLE_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <vector>

#include "absl/time/time.h"

namespace darkroom::worker {

// What calls of one kind were measured to take, by the picture that they are for and the rows that
// they compute together. Of each the median of the newest kSamples counts, so that one which was
// disturbed, or the first of a shape, which compiles and plans, does not; and none before there are
// kLeastSamples. Bounded: of too many shapes, and of too many numbers of rows of a shape, the one
// measured longest ago is forgotten. Pure but for its state; thread-compatible.
class CostTable {
 public:
  static constexpr std::size_t kMostShapes = 32;
  static constexpr std::size_t kMostRowCounts = 8;
  static constexpr std::size_t kSamples = 9;
  static constexpr std::size_t kLeastSamples = 3;

  struct Shape {
    int width = 0;  // of the picture, pixels
    int height = 0;

    friend auto operator<=>(const Shape&, const Shape&) = default;
  };
  struct Cost {
    Shape shape;
    int rows = 0;
    absl::Duration time;  // of the whole call

    friend bool operator==(const Cost&, const Cost&) = default;
  };

  void Record(const Shape& shape, int rows, absl::Duration elapsed);

  // At most kMostShapes * kMostRowCounts, by shape and rows.
  std::vector<Cost> Costs() const;

 private:
  struct Samples {
    std::deque<absl::Duration> newest;  // the newest last
    std::int64_t used = 0;
  };
  struct Rows {
    std::map<int, Samples> samples;
    std::int64_t used = 0;
  };

  std::map<Shape, Rows> shapes_;
  std::int64_t uses_ = 0;
};

}  // namespace darkroom::worker

#endif  // DARKROOM_WORKER_ENGINE_COST_TABLE_H_
