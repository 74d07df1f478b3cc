#include "common/metrics/samples.h"

namespace darkroom::metrics {

void Samples::Push(absl::string_view name, absl::string_view help, Kind kind, const Labels& labels,
                   double value) {
  Sample& sample = all_.emplace_back();
  sample.name = name;
  sample.help = help;
  sample.kind = kind;
  sample.value = value;
  for (std::size_t i = 0; i < labels.names.size(); ++i) {
    sample.labels.emplace_back(labels.names[i], labels.values[i]);
  }
}

}  // namespace darkroom::metrics
