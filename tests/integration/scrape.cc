#include "tests/integration/scrape.h"

#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"
#include "common/status_macros.h"
#include "tests/integration/http_get.h"

namespace darkroom::testing {

absl::StatusOr<Scrape> Scrape::Of(const cli::HostPort& address) {
  DARKROOM_ASSIGN_OR_RETURN(std::string text, HttpGet(address, "/metrics"));
  return Scrape(std::move(text));
}

Scrape::Scrape(std::string text) : text_(std::move(text)) {
  for (const absl::string_view line : absl::StrSplit(text_, '\n', absl::SkipEmpty())) {
    if (line[0] == '#') continue;
    const std::size_t space = line.rfind(' ');
    double value = 0;
    if (absl::SimpleAtod(line.substr(space + 1), &value)) {
      values_.emplace(line.substr(0, space), value);
    }
  }
}

std::optional<double> Scrape::Value(const std::string& series) const {
  const auto value = values_.find(series);
  return value == values_.end() ? std::nullopt : std::make_optional(value->second);
}

bool Scrape::Has(absl::string_view metric) const {
  for (const auto& [series, value] : values_) {
    if (absl::string_view(series).substr(0, series.find('{')) == metric) return true;
  }
  return false;
}

}  // namespace darkroom::testing
