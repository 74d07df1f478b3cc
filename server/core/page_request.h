#ifndef DARKROOM_SERVER_CORE_PAGE_REQUEST_H_
#define DARKROOM_SERVER_CORE_PAGE_REQUEST_H_

#include <algorithm>
#include <cstdint>
#include <vector>

#include "absl/strings/str_cat.h"
#include "server/core/api_error.h"

namespace darkroom::server {

// The most that a page of an administrator's list has, and what it has when nothing is asked for.
inline constexpr std::int32_t kLargestAdminPage = 100;

// What is wrong with the fields of a list's request; `token_good` tells of its page_token.
inline std::vector<FieldViolation> CheckPageRequest(std::int32_t page_size, bool token_good) {
  std::vector<FieldViolation> violations;
  if (page_size < 0) {
    violations.push_back(
        {"page_size", absl::StrCat("is ", page_size, "; it must not be negative")});
  }
  if (!token_good) {
    violations.push_back({"page_token",
                          "is not a next_page_token of this method; leave it empty to begin with "
                          "the first page"});
  }
  return violations;
}

inline int AdminPageSize(std::int32_t page_size) {
  return page_size == 0 ? kLargestAdminPage : std::min(page_size, kLargestAdminPage);
}

}  // namespace darkroom::server

#endif  // DARKROOM_SERVER_CORE_PAGE_REQUEST_H_
