#ifndef DARKROOM_COMMON_METRICS_SAMPLES_H_
#define DARKROOM_COMMON_METRICS_SAMPLES_H_

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "common/metrics/definition.h"

namespace darkroom::metrics {

// The values of one moment, of metrics that nobody keeps between two scrapes. A series that is not
// set is not shown. Thread-compatible.
class Samples {
 public:
  enum class Kind { kCounter, kGauge };
  struct Sample {
    absl::string_view name;
    absl::string_view help;
    Kind kind = Kind::kGauge;
    std::vector<std::pair<std::string, std::string>> labels;
    double value = 0;
  };

  template <std::size_t kLabels, typename... Values>
  void Set(const GaugeName<kLabels>& gauge, double value, const Values&... values) {
    WithLabels(
        gauge.labels,
        [&](const Labels& labels) { Push(gauge.name, gauge.help, Kind::kGauge, labels, value); },
        values...);
  }
  // `total`: since the start of the process.
  template <std::size_t kLabels, typename... Values>
  void Set(const CounterName<kLabels>& counter, double total, const Values&... values) {
    WithLabels(
        counter.labels,
        [&](const Labels& labels) {
          Push(counter.name, counter.help, Kind::kCounter, labels, total);
        },
        values...);
  }

  const std::vector<Sample>& all() const { return all_; }

 private:
  void Push(absl::string_view name, absl::string_view help, Kind kind, const Labels& labels,
            double value);

  std::vector<Sample> all_;
};

}  // namespace darkroom::metrics

#endif  // DARKROOM_COMMON_METRICS_SAMPLES_H_
