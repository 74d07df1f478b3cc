#ifndef DARKROOM_CLI_ALL_PAGES_H_
#define DARKROOM_CLI_ALL_PAGES_H_

#include "absl/status/statusor.h"
#include "common/status_macros.h"

namespace darkroom::cli {

// Every page of a list as one response. `list`: a Request to a StatusOr of a Response.
template <typename Response, typename Request, typename List>
absl::StatusOr<Response> AllPages(Request request, const List& list) {
  Response all;
  do {
    DARKROOM_ASSIGN_OR_RETURN(const Response page, list(request));
    all.MergeFrom(page);
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty());
  all.clear_next_page_token();
  return all;
}

}  // namespace darkroom::cli

#endif  // DARKROOM_CLI_ALL_PAGES_H_
