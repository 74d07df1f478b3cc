#include "cli/console.h"

#include <cstdio>

#include "absl/strings/str_cat.h"
#include "cli/rpc_status.h"

namespace darkroom::cli {
namespace {

void Write(std::FILE* to, absl::string_view text) {
  std::fwrite(text.data(), 1, text.size(), to);
  std::fflush(to);
}

}  // namespace

void PrintResult(absl::string_view text) { Write(stdout, absl::StrCat(text, "\n")); }
void PrintNote(absl::string_view text) { Write(stderr, absl::StrCat(text, "\n")); }

ExitCode Fail(const absl::Status& error, absl::string_view server) {
  std::string text = absl::StrCat("darkroom: ", ErrorText(error));
  // The server's own errors have details; one without comes from the connection.
  if (absl::IsUnavailable(error) && ToRpcStatus(error).details().empty()) {
    absl::StrAppend(&text, "  Is a server running at ", server,
                    "? --server names another one; `darkroom up` starts one on this machine.\n");
  }
  Write(stderr, text);
  return ExitCodeOf(error.code());
}

ExitCode FailLocally(const absl::Status& error) {
  Write(stderr, absl::StrCat("darkroom: ", error.message(), "\n"));
  return ExitCode::kFailed;
}

ExitCode FailUsage(const absl::Status& error) {
  Write(stderr, absl::StrCat("darkroom: ", error.message(), "\n"));
  return ExitCode::kUsage;
}

}  // namespace darkroom::cli
