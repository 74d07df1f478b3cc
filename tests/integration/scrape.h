#ifndef DARKROOM_TESTS_INTEGRATION_SCRAPE_H_
#define DARKROOM_TESTS_INTEGRATION_SCRAPE_H_

#include <map>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "cli/up/port.h"

namespace darkroom::testing {

// One answer of a /metrics.
class Scrape {
 public:
  // UNAVAILABLE when nobody answers, or not with 200.
  static absl::StatusOr<Scrape> Of(const cli::HostPort& address);

  const std::string& text() const { return text_; }
  // Of a series as it is written: `name{label="value"}`; none when it is not there.
  std::optional<double> Value(const std::string& series) const;
  // True when there is a series of this metric, whatever its labels.
  bool Has(absl::string_view metric) const;

 private:
  explicit Scrape(std::string text);

  std::string text_;
  std::map<std::string, double> values_;  // by series
};

}  // namespace darkroom::testing

#endif  // DARKROOM_TESTS_INTEGRATION_SCRAPE_H_
