#include "cli/event_sequence.h"

#include "absl/strings/str_cat.h"

namespace darkroom::cli {

absl::Status EventSequence::Accept(const darkroom::v1::JobEvent& event) {
  const bool chunk = event.has_image_chunk();
  const bool may_repeat =
      event.has_queued() || (chunk && last_ != last_whole_ && event.image_chunk().offset() > 0);
  const bool repeats = may_repeat && event.sequence() == last_;
  if (!repeats && event.sequence() != last_ + 1 + event.superseded()) {
    return absl::DataLossError(absl::StrCat("event ", event.sequence(), " (which supersedes ",
                                            event.superseded(), ") came after event ", last_));
  }
  last_ = event.sequence();
  if (!chunk || event.image_chunk().last()) last_whole_ = last_;
  return absl::OkStatus();
}

}  // namespace darkroom::cli
