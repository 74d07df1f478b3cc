#ifndef DARKROOM_COMMON_TRACE_TESTING_SPAN_LIST_H_
#define DARKROOM_COMMON_TRACE_TESTING_SPAN_LIST_H_

#include <map>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/strings/str_cat.h"
#include "common/mutex.h"
#include "common/trace/span.h"

namespace darkroom::trace {

// Keeps the spans that it is given, for tests. Thread-safe.
class SpanList : public SpanSink {
 public:
  void Take(Span span) override {
    MutexLock lock(&mutex_);
    spans_.push_back(std::move(span));
  }
  std::vector<Span> spans() const {
    MutexLock lock(&mutex_);
    return spans_;
  }

 private:
  mutable Mutex mutex_;
  std::vector<Span> spans_ ABSL_GUARDED_BY(mutex_);
};

// The attributes of a span, as text.
inline std::map<std::string, std::string> AttributesOf(const Span& span) {
  std::map<std::string, std::string> attributes;
  for (const Attribute& attribute : span.attributes) {
    attributes[std::string(attribute.key)] =
        std::visit([](const auto& value) { return absl::StrCat(value); }, attribute.value);
  }
  return attributes;
}

}  // namespace darkroom::trace

#endif  // DARKROOM_COMMON_TRACE_TESTING_SPAN_LIST_H_
