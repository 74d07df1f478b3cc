#ifndef DARKROOM_SERVER_TESTING_VALIDATING_H_
#define DARKROOM_SERVER_TESTING_VALIDATING_H_

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "server/admission/request_validator.h"
#include "server/testing/demo_model.h"

namespace darkroom::server {

// Checks parameters against the demo model alone; tests of rules change what they are about.

inline const std::map<std::string, darkroom::v1::Model>& DemoModels() {
  static const auto& models =
      *new std::map<std::string, darkroom::v1::Model>{{"demo", DemoModel()}};
  return models;
}

// Seeds are drawn from `drawn`, `drawn` + 1 and so on.
inline Verdict Validate(const darkroom::v1::ImageParameters& asked, std::uint32_t drawn = 7,
                        absl::Span<const prompt::Style> styles = {},
                        const AdapterIndex* adapters = nullptr) {
  return ValidateParameters(asked, {DemoModels(), "demo", styles, adapters},
                            [&drawn] { return drawn++; });
}

inline std::vector<std::string> Fields(const Verdict& verdict) {
  std::vector<std::string> fields;
  for (const FieldViolation& violation : verdict.violations) fields.push_back(violation.field);
  return fields;
}

}  // namespace darkroom::server

#endif  // DARKROOM_SERVER_TESTING_VALIDATING_H_
