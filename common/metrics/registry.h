#ifndef DARKROOM_COMMON_METRICS_REGISTRY_H_
#define DARKROOM_COMMON_METRICS_REGISTRY_H_

#include <functional>
#include <list>
#include <memory>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "common/metrics/definition.h"
#include "common/metrics/samples.h"
#include "common/mutex.h"

namespace darkroom::metrics {

// The metrics of a process. Series come to be when they are first counted. Thread-safe; counting
// takes about a microsecond, so it is for what happens a few thousand times a second at most.
class Registry {
 public:
  // Adds what it knows at the moment to a scrape. Called on the scraping thread, one at a time.
  using Collect = std::function<void(Samples&)>;

  // Has `collect` called at each scrape for as long as it lives; its destructor waits for a call
  // under way. The registry outlives it.
  class Collector {
   public:
    Collector(Registry& registry, Collect collect);
    ~Collector();
    Collector(const Collector&) = delete;
    Collector& operator=(const Collector&) = delete;

   private:
    Registry& registry_;
    std::list<Collect>::iterator place_;
  };

  Registry();
  ~Registry();
  Registry(const Registry&) = delete;
  Registry& operator=(const Registry&) = delete;

  // One value a label. `by` is not below zero; zero makes the series known.
  template <std::size_t kLabels, typename... Values>
  void Add(const CounterName<kLabels>& counter, double by, const Values&... values) {
    WithLabels(
        counter.labels,
        [&](const Labels& labels) { AddTo(counter.name, counter.help, labels, by); }, values...);
  }
  template <std::size_t kLabels, typename... Values>
  void Change(const GaugeName<kLabels>& gauge, double by, const Values&... values) {
    WithLabels(
        gauge.labels, [&](const Labels& labels) { ChangeIn(gauge.name, gauge.help, labels, by); },
        values...);
  }
  template <std::size_t kLabels, typename... Values>
  void Observe(const HistogramName<kLabels>& histogram, double value, const Values&... values) {
    WithLabels(
        histogram.labels,
        [&](const Labels& labels) {
          ObserveIn(histogram.name, histogram.help, histogram.buckets, labels, value);
        },
        values...);
  }

  // All of it in Prometheus' text format, version 0.0.4.
  std::string Text() const;

 private:
  struct Families;

  void AddTo(absl::string_view name, absl::string_view help, const Labels& labels, double by);
  void ChangeIn(absl::string_view name, absl::string_view help, const Labels& labels, double by);
  void ObserveIn(absl::string_view name, absl::string_view help, absl::Span<const double> buckets,
                 const Labels& labels, double value);

  const std::unique_ptr<Families> families_;
  mutable Mutex mutex_;
  std::list<Collect> collects_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace darkroom::metrics

#endif  // DARKROOM_COMMON_METRICS_REGISTRY_H_
