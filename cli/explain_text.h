#ifndef DARKROOM_CLI_EXPLAIN_TEXT_H_
#define DARKROOM_CLI_EXPLAIN_TEXT_H_

#include <string>

#include "darkroom/v1/prompt_service.pb.h"

namespace darkroom::cli {

// How an explanation is laid out.
struct ExplainStyle {
  int columns = 100;     // where lines of tokens are broken
  bool colours = false;  // ANSI escapes, for a terminal
};

// An explanation as a tree: the parts of each prompt with their weights, which calls of the
// denoiser (or steps, where each makes one) read which text, and the text's chunks token by token.
// Calls and steps count from 1. A weight other than 1 follows its token or part: "cat×1.21". No
// line feed at the end.
std::string ExplanationText(const darkroom::v1::ExplainPromptResponse& explanation,
                            const ExplainStyle& style);

}  // namespace darkroom::cli

#endif  // DARKROOM_CLI_EXPLAIN_TEXT_H_
