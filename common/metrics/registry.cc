#include "common/metrics/registry.h"

#include <prometheus/counter.h>
#include <prometheus/family.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include <map>
#include <unordered_map>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"

namespace darkroom::metrics {
namespace {

// Looking a series up in prometheus-cpp makes a map of its labels and a new metric first, to throw
// both away: so the series that are known are found here, by their name and the labels' values.
template <typename Metric>
using Known = std::unordered_map<std::string, Metric*>;

std::string KeyOf(absl::string_view name, const Labels& labels) {
  std::string key(name);
  for (const absl::string_view value : labels.values) absl::StrAppend(&key, "\n", value);
  return key;
}

prometheus::Labels ToPrometheus(const Labels& labels) {
  prometheus::Labels map;
  for (std::size_t i = 0; i < labels.names.size(); ++i) {
    map.emplace(labels.names[i], labels.values[i]);
  }
  return map;
}

template <typename Metric, typename Builder, typename... Arguments>
Metric& FindOrMake(Known<Metric>& known, prometheus::Registry& registry, Builder builder,
                   absl::string_view name, absl::string_view help, const Labels& labels,
                   const Arguments&... arguments) {
  Metric*& metric = known[KeyOf(name, labels)];
  if (metric == nullptr) {
    auto& family = builder.Name(std::string(name)).Help(std::string(help)).Register(registry);
    metric = &family.Add(ToPrometheus(labels), arguments...);
  }
  return *metric;
}

prometheus::ClientMetric ToPrometheus(const Samples::Sample& sample) {
  prometheus::ClientMetric metric;
  for (const auto& [name, value] : sample.labels) metric.label.push_back({name, value});
  metric.counter.value = sample.value;
  metric.gauge.value = sample.value;
  return metric;
}

// A family for each name, whose samples stand together as the format wants it.
void Append(const Samples& samples, std::vector<prometheus::MetricFamily>& families) {
  std::map<absl::string_view, prometheus::MetricFamily> by_name;
  for (const Samples::Sample& sample : samples.all()) {
    prometheus::MetricFamily& family = by_name[sample.name];
    family.name = std::string(sample.name);
    family.help = std::string(sample.help);
    family.type = sample.kind == Samples::Kind::kCounter ? prometheus::MetricType::Counter
                                                         : prometheus::MetricType::Gauge;
    family.metric.push_back(ToPrometheus(sample));
  }
  for (auto& [name, family] : by_name) families.push_back(std::move(family));
}

}  // namespace

struct Registry::Families {
  prometheus::Registry all;
  Mutex mutex;
  Known<prometheus::Counter> counters ABSL_GUARDED_BY(mutex);
  Known<prometheus::Gauge> gauges ABSL_GUARDED_BY(mutex);
  Known<prometheus::Histogram> histograms ABSL_GUARDED_BY(mutex);
};

Registry::Collector::Collector(Registry& registry, Collect collect) : registry_(registry) {
  MutexLock lock(&registry_.mutex_);
  place_ = registry_.collects_.insert(registry_.collects_.end(), std::move(collect));
}

Registry::Collector::~Collector() {
  MutexLock lock(&registry_.mutex_);
  registry_.collects_.erase(place_);
}

Registry::Registry() : families_(std::make_unique<Families>()) {}
Registry::~Registry() = default;

void Registry::AddTo(absl::string_view name, absl::string_view help, const Labels& labels,
                     double by) {
  MutexLock lock(&families_->mutex);
  FindOrMake(families_->counters, families_->all, prometheus::BuildCounter(), name, help, labels)
      .Increment(by);
}

void Registry::ChangeIn(absl::string_view name, absl::string_view help, const Labels& labels,
                        double by) {
  MutexLock lock(&families_->mutex);
  FindOrMake(families_->gauges, families_->all, prometheus::BuildGauge(), name, help, labels)
      .Increment(by);
}

void Registry::ObserveIn(absl::string_view name, absl::string_view help,
                         absl::Span<const double> buckets, const Labels& labels, double value) {
  MutexLock lock(&families_->mutex);
  const std::vector<double> ends(buckets.begin(), buckets.end());
  FindOrMake(families_->histograms, families_->all, prometheus::BuildHistogram(), name, help,
             labels, ends)
      .Observe(value);
}

std::string Registry::Text() const {
  std::vector<prometheus::MetricFamily> families = families_->all.Collect();
  Samples samples;
  {
    MutexLock lock(&mutex_);
    for (const Collect& collect : collects_) collect(samples);
  }
  Append(samples, families);
  return prometheus::TextSerializer().Serialize(families);
}

}  // namespace darkroom::metrics
