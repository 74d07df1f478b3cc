#include "cli/restored_parameters.h"

#include "absl/strings/str_cat.h"
#include "cli/console.h"

namespace darkroom::cli {

ExitCode RestoreParameters(Connection& connection, const std::string& server,
                           const std::string& infotext, v1::ImageParameters& parameters) {
  v1::ReadInfotextRequest request;
  request.set_infotext(infotext);
  absl::StatusOr<v1::ReadInfotextResponse> read = connection.ReadInfotext(request);
  if (!read.ok()) return Fail(read.status(), server);
  for (const std::string& note : read->notes()) PrintNote(absl::StrCat("note: ", note));
  parameters.Swap(read->mutable_parameters());
  return ExitCode::kDone;
}

}  // namespace darkroom::cli
