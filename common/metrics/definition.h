#ifndef DARKROOM_COMMON_METRICS_DEFINITION_H_
#define DARKROOM_COMMON_METRICS_DEFINITION_H_

#include <array>
#include <cstddef>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace darkroom::metrics {

// What a metric is called, what it means, and the names of its labels. A label has few values, that
// no client can make up. Everything lives for ever: see names.h.

// Only rises, from zero at the start of the process. Its name ends with "_total".
template <std::size_t kLabels>
struct CounterName {
  absl::string_view name;
  absl::string_view help;
  std::array<absl::string_view, kLabels> labels = {};
};

// Rises and falls.
template <std::size_t kLabels>
struct GaugeName {
  absl::string_view name;
  absl::string_view help;
  std::array<absl::string_view, kLabels> labels = {};
};

// Counts values by the bucket that they fall into.
template <std::size_t kLabels>
struct HistogramName {
  absl::string_view name;
  absl::string_view help;
  absl::Span<const double> buckets;  // where they end, themselves included, in rising order
  std::array<absl::string_view, kLabels> labels = {};
};

// The labels of one series: the names and, in the same order, the values.
struct Labels {
  absl::Span<const absl::string_view> names;
  absl::Span<const absl::string_view> values;
};

// Calls `use` with the labels of a metric whose labels have these values.
template <std::size_t kLabels, typename Use, typename... Values>
void WithLabels(const std::array<absl::string_view, kLabels>& names, Use use,
                const Values&... values) {
  static_assert(sizeof...(Values) == kLabels, "one value a label");
  const std::array<absl::string_view, kLabels> all = {absl::string_view(values)...};
  use(Labels{names, all});
}

}  // namespace darkroom::metrics

#endif  // DARKROOM_COMMON_METRICS_DEFINITION_H_
