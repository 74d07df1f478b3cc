#include "server/core/emphasis.h"

namespace darkroom::server {

prompt::Emphasis ToEmphasis(darkroom::v1::Emphasis emphasis) {
  switch (emphasis) {
    case darkroom::v1::EMPHASIS_NO_NORM:
      return prompt::Emphasis::kNoNorm;
    case darkroom::v1::EMPHASIS_IGNORE:
      return prompt::Emphasis::kIgnore;
    case darkroom::v1::EMPHASIS_NONE:
      return prompt::Emphasis::kNone;
    default:
      return prompt::Emphasis::kOriginal;
  }
}

darkroom::v1::Emphasis FromEmphasis(prompt::Emphasis emphasis) {
  switch (emphasis) {
    case prompt::Emphasis::kOriginal:
      return darkroom::v1::EMPHASIS_ORIGINAL;
    case prompt::Emphasis::kNoNorm:
      return darkroom::v1::EMPHASIS_NO_NORM;
    case prompt::Emphasis::kIgnore:
      return darkroom::v1::EMPHASIS_IGNORE;
    case prompt::Emphasis::kNone:
      return darkroom::v1::EMPHASIS_NONE;
  }
  return darkroom::v1::EMPHASIS_UNSPECIFIED;
}

}  // namespace darkroom::server
