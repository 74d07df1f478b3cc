#include "server/http/accept_encoding.h"

#include <optional>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"

namespace darkroom::server::http {
namespace {

// Of the parameters behind a coding, ";q=0.5".
double WeightOf(absl::string_view parameters) {
  for (const absl::string_view part : absl::StrSplit(parameters, ';')) {
    const absl::string_view parameter = absl::StripAsciiWhitespace(part);
    if (!absl::StartsWithIgnoreCase(parameter, "q=")) continue;
    double weight = 0;
    const bool good = absl::SimpleAtod(parameter.substr(2), &weight) && weight >= 0 && weight <= 1;
    return good ? weight : 0;
  }
  return 1;
}

}  // namespace

bool PrefersGzip(absl::string_view accept_encoding) {
  std::optional<double> gzip;
  std::optional<double> rest;
  double plain = 0;  // at any rate acceptable, but not asked for
  for (const absl::string_view element : absl::StrSplit(accept_encoding, ',')) {
    const absl::string_view coding =
        absl::StripAsciiWhitespace(element.substr(0, element.find(';')));
    const double weight = WeightOf(element);
    if (absl::EqualsIgnoreCase(coding, "gzip") || absl::EqualsIgnoreCase(coding, "x-gzip")) {
      gzip = weight;
    }
    if (coding == "*") rest = weight;
    if (absl::EqualsIgnoreCase(coding, "identity")) plain = weight;
  }
  const double wish = gzip.value_or(rest.value_or(0));
  return wish > 0 && wish >= plain;
}

}  // namespace darkroom::server::http
