#ifndef DARKROOM_COMMON_STATUS_MACROS_H_
#define DARKROOM_COMMON_STATUS_MACROS_H_

#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

// Leaves the enclosing function with the status when it is not OK.
#define DARKROOM_RETURN_IF_ERROR(expression)           \
  do {                                                 \
    absl::Status darkroom_status = (expression);       \
    if (!darkroom_status.ok()) return darkroom_status; \
  } while (false)

// Leaves with the status of a StatusOr that is not OK; otherwise assigns or declares from it.
//   DARKROOM_ASSIGN_OR_RETURN(std::string text, ReadFile(path));
// `target` may be a declaration, which parentheses would break.
// NOLINTBEGIN(bugprone-macro-parentheses)
#define DARKROOM_ASSIGN_OR_RETURN(target, expression) \
  DARKROOM_ASSIGN_OR_RETURN_IMPL(DARKROOM_JOIN(darkroom_result_, __LINE__), target, expression)
#define DARKROOM_ASSIGN_OR_RETURN_IMPL(result, target, expression) \
  auto result = (expression);                                      \
  if (!result.ok()) return std::move(result).status();             \
  target = *std::move(result)
// NOLINTEND(bugprone-macro-parentheses)
#define DARKROOM_JOIN(a, b) DARKROOM_JOIN_IMPL(a, b)
#define DARKROOM_JOIN_IMPL(a, b) a##b

#endif  // DARKROOM_COMMON_STATUS_MACROS_H_
