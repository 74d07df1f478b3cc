#include "cli/progress_view.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"

namespace darkroom::cli {
namespace {

constexpr absl::Duration kLineInterval = absl::Seconds(5);
constexpr int kUsualColumns = 80;
constexpr absl::string_view kEraseLine = "\r\x1b[K";

int TerminalColumns() {
  winsize size{};
  if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return kUsualColumns;
  return size.ws_col;
}

void Write(absl::string_view text) {
  std::fwrite(text.data(), 1, text.size(), stderr);
  std::fflush(stderr);
}

}  // namespace

ProgressView::ProgressView() : terminal_(isatty(STDERR_FILENO) == 1) {}
ProgressView::~ProgressView() { Clear(); }

void ProgressView::Show(const ProgressLine& line) {
  if (terminal_) {
    // The last column stays free: writing into it wraps on some terminals.
    std::string bar = RenderBar(line, TerminalColumns() - 1);
    if (bar == drawn_) return;
    drawn_ = std::move(bar);
    Write(absl::StrCat(kEraseLine, drawn_));
    return;
  }
  const bool due = absl::Now() - last_line_ >= kLineInterval;
  if (line.text == drawn_ || (line.phase == phase_ && !due)) return;
  phase_ = line.phase;
  last_line_ = absl::Now();
  drawn_ = line.text;
  Write(absl::StrCat(drawn_, "\n"));
}

void ProgressView::Note(absl::string_view text) {
  if (!terminal_) return Write(absl::StrCat(text, "\n"));
  Write(absl::StrCat(kEraseLine, text, "\n", drawn_));
}

void ProgressView::Clear() {
  if (!terminal_ || drawn_.empty()) return;
  drawn_.clear();
  Write(kEraseLine);
}

}  // namespace darkroom::cli
