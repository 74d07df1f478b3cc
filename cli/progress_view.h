#ifndef DARKROOM_CLI_PROGRESS_VIEW_H_
#define DARKROOM_CLI_PROGRESS_VIEW_H_

#include <cstdio>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "cli/progress_bar.h"

namespace darkroom::cli {

// Shows progress on stderr: a bar that is redrawn in place on a terminal, elsewhere a line at every
// change of phase and every few seconds. Used by one thread at a time.
class ProgressView {
 public:
  ProgressView();
  ~ProgressView();
  ProgressView(const ProgressView&) = delete;
  ProgressView& operator=(const ProgressView&) = delete;

  void Show(const ProgressLine& line);
  // A remark on a line of its own; the bar goes on below it.
  void Note(absl::string_view text);
  // Removes the bar.
  void Clear();

 private:
  const bool terminal_;
  std::string drawn_;  // the bar as it stands on the terminal, or the last line
  int phase_ = -1;
  absl::Time last_line_ = absl::InfinitePast();
};

}  // namespace darkroom::cli

#endif  // DARKROOM_CLI_PROGRESS_VIEW_H_
