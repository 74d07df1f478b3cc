#ifndef DARKROOM_SERVER_ADMISSION_VIOLATION_LIST_H_
#define DARKROOM_SERVER_ADMISSION_VIOLATION_LIST_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "server/core/api_error.h"

namespace darkroom::server {

// Which numbers a field may have: `least` to `most`, both included unless `above_least`.
struct NumberRange {
  double least = 0;
  double most = 0;
  bool above_least = false;
};

// Collects what is wrong with the parameters of one request. Fields are named as paths within
// darkroom.v1.ImageParameters: "variation.seed".
class ViolationList {
 public:
  void Add(absl::string_view field, std::string description);

  // Both return whether the value is good, and add a violation where it is not. NaN never is.
  bool CheckRange(absl::string_view field, std::int64_t value, std::int64_t least,
                  std::int64_t most);
  bool CheckRange(absl::string_view field, double value, const NumberRange& range);

  // Whether something is wrong with this very field.
  bool Blames(absl::string_view field) const;

  // All of them, as paths of the request ("parameters.variation.seed"), in the order of the schema.
  std::vector<FieldViolation> InSchemaOrder() const;

 private:
  std::vector<FieldViolation> violations_;
};

}  // namespace darkroom::server

#endif  // DARKROOM_SERVER_ADMISSION_VIOLATION_LIST_H_
