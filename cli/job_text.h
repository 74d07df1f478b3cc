#ifndef DARKROOM_CLI_JOB_TEXT_H_
#define DARKROOM_CLI_JOB_TEXT_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "cli/exit_code.h"
#include "darkroom/v1/job.pb.h"
#include "google/protobuf/message.h"

namespace darkroom::cli {

// A message in protobuf's JSON form, with the field names of the .proto files. `pretty` spreads it
// over lines. No line feed at the end.
std::string ToJson(const google::protobuf::Message& message, bool pretty = true);
// {"job": ..., "files": [...], "trace_id": "..."}; without an id, without that.
std::string JobJson(const darkroom::v1::Job& job, const std::vector<std::string>& files,
                    absl::string_view trace_id = "");

// "queued", "succeeded", …
std::string StateText(darkroom::v1::JobState state);
bool IsTerminal(darkroom::v1::JobState state);
// A job for people, one "key: value" a line; of one that was only foreseen, what it would cost, how
// long it would wait, and what it would make.
std::string JobText(const darkroom::v1::Job& job);

// What a job's state means for the exit status: kJobFailed when it ended without pictures.
ExitCode ExitCodeOf(const darkroom::v1::Job& job);

// Columns as wide as their widest cell; the first row is the heading. Lines are joined by line
// feeds.
std::string TableText(const std::vector<std::vector<std::string>>& rows);

// The beginning of a text on one line, in at most `bytes` bytes of whole UTF-8 characters.
std::string Shortened(absl::string_view text, std::size_t bytes);

}  // namespace darkroom::cli

#endif  // DARKROOM_CLI_JOB_TEXT_H_
