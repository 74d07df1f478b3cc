#include "cli/restored_parameters.h"

#include "absl/strings/str_cat.h"
#include "cli/console.h"
#include "cli/picture_text.h"

namespace darkroom::cli {

ExitCode RestoreParameters(Connection& connection, const std::string& server,
                           const std::string& path, v1::ImageParameters& parameters) {
  const absl::StatusOr<std::string> text = ReadPictureText(path);
  if (!text.ok()) return FailLocally(text.status());
  v1::ReadInfotextRequest request;
  request.set_infotext(*text);
  absl::StatusOr<v1::ReadInfotextResponse> read = connection.ReadInfotext(request);
  if (!read.ok()) return Fail(read.status(), server);
  for (const std::string& note : read->notes()) PrintNote(absl::StrCat("note: ", note));
  parameters.Swap(read->mutable_parameters());
  return ExitCode::kDone;
}

}  // namespace darkroom::cli
