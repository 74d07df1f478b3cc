#include "server/admission/violation_list.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "absl/strings/str_cat.h"
#include "darkroom/v1/image_parameters.pb.h"

namespace darkroom::server {
namespace {

int FieldNumber(const FieldViolation& violation) {
  const std::string field = violation.field.substr(0, violation.field.find('.'));
  const auto* known = darkroom::v1::ImageParameters::descriptor()->FindFieldByName(field);
  return known == nullptr ? 0 : known->number();
}

}  // namespace

void ViolationList::Add(absl::string_view field, std::string description) {
  violations_.push_back({std::string(field), std::move(description)});
}

bool ViolationList::CheckRange(absl::string_view field, std::int64_t value, std::int64_t least,
                               std::int64_t most) {
  if (value >= least && value <= most) return true;
  Add(field, absl::StrCat("is ", value, "; it must be ", least, " to ", most));
  return false;
}

bool ViolationList::CheckRange(absl::string_view field, double value, const NumberRange& range) {
  // Written so that NaN fails.
  const bool above = range.above_least ? value > range.least : value >= range.least;
  if (above && value <= range.most) return true;
  const std::string shown = std::isnan(value) ? "not a number" : absl::StrCat(value);
  const std::string allowed = range.above_least
                                  ? absl::StrCat("above ", range.least, ", at most ", range.most)
                                  : absl::StrCat(range.least, " to ", range.most);
  Add(field, absl::StrCat("is ", shown, "; it must be ", allowed));
  return false;
}

bool ViolationList::Blames(absl::string_view field) const {
  return std::any_of(violations_.begin(), violations_.end(),
                     [field](const FieldViolation& violation) { return violation.field == field; });
}

std::vector<FieldViolation> ViolationList::InSchemaOrder() const {
  std::vector<FieldViolation> sorted = violations_;
  std::stable_sort(sorted.begin(), sorted.end(),
                   [](const FieldViolation& a, const FieldViolation& b) {
                     return FieldNumber(a) < FieldNumber(b);
                   });
  for (FieldViolation& violation : sorted) {
    violation.field = absl::StrCat("parameters.", violation.field);
  }
  return sorted;
}

}  // namespace darkroom::server
