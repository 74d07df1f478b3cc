#include "server/admission/style_file.h"

#include <algorithm>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "common/file.h"
#include "common/status_macros.h"
#include "common/utf8.h"
#include "server/admission/name_choice.h"
#include "server/admission/prompt_rules.h"

namespace darkroom::server {

absl::StatusOr<std::vector<prompt::Style>> ParseStyleFile(absl::string_view csv) {
  if (!IsValidUtf8(csv)) {
    return absl::InvalidArgumentError("is not UTF-8; save it in that encoding");
  }
  DARKROOM_ASSIGN_OR_RETURN(std::vector<prompt::Style> styles, prompt::ReadStyles(csv));
  // Nobody can ask for a row without a name.
  styles.erase(std::remove_if(styles.begin(), styles.end(),
                              [](const prompt::Style& style) { return style.name.empty(); }),
               styles.end());
  for (const prompt::Style& style : styles) {
    if (style.prompt.size() > kMaxPromptBytes || style.negative_prompt.size() > kMaxPromptBytes) {
      return absl::InvalidArgumentError(absl::StrCat("has the style ", Quoted(style.name),
                                                     " of more than ", kMaxPromptBytes,
                                                     " bytes, which no prompt can take"));
    }
  }
  return styles;
}

absl::StatusOr<std::vector<prompt::Style>> ReadStyleFile(const std::string& path) {
  if (path.empty()) return std::vector<prompt::Style>{};
  DARKROOM_ASSIGN_OR_RETURN(const std::string csv, ReadFile(path, kMaxStyleFileBytes));
  absl::StatusOr<std::vector<prompt::Style>> styles = ParseStyleFile(csv);
  if (!styles.ok()) {
    return absl::InvalidArgumentError(
        absl::StrCat("the styles file ", path, ": ", styles.status().message()));
  }
  return styles;
}

}  // namespace darkroom::server
