#ifndef DARKROOM_PROMPT_CSV_H_
#define DARKROOM_PROMPT_CSV_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace darkroom::prompt {

using CsvRow = std::vector<std::string>;

// Comma-separated values (RFC 4180) as Python's csv module reads them with skipinitialspace: blanks
// after a comma go, a quote opens a field only at its beginning, what follows a closing quote is
// part of the field, lines end with CR, LF or both, empty lines are no rows. Every text is a table.
std::vector<CsvRow> ReadCsv(absl::string_view text);

}  // namespace darkroom::prompt

#endif  // DARKROOM_PROMPT_CSV_H_
