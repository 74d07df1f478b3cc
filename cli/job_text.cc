#include "cli/job_text.h"

#include <google/protobuf/struct.pb.h>
#include <google/protobuf/util/json_util.h>

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "absl/time/time.h"
#include "cli/duration.h"
#include "cli/progress_bar.h"
#include "cli/rpc_status.h"
#include "common/json_text.h"

namespace darkroom::cli {
namespace {

constexpr absl::string_view kEllipsis = "…";

bool BeginsCharacter(char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }

std::string TimeText(const google::protobuf::Timestamp& time) {
  return absl::FormatTime("%Y-%m-%d %H:%M:%S", absl::FromUnixSeconds(time.seconds()),
                          absl::LocalTimeZone());
}

std::string PromptText(const darkroom::v1::ImageParameters& parameters) {
  return Shortened(parameters.prompt(), 1000);
}

// What is made, and how.
std::string ParametersText(const darkroom::v1::ImageParameters& parameters) {
  return absl::StrCat("prompt: ", PromptText(parameters), "\nmodel: ", parameters.model(),
                      "\nsize: ", parameters.width(), "x", parameters.height(),
                      "\nsteps: ", parameters.steps(), "\nsampler: ", parameters.sampler(), " ",
                      parameters.schedule(), "\nguidance: ", parameters.guidance_scale(),
                      "\nseed: ", parameters.seed(), "\nimages: ", parameters.image_count());
}

std::string WaitText(const darkroom::v1::Job& job) {
  return job.has_estimated_wait() ? ClockText(ToDuration(job.estimated_wait()))
                                  : "not known: no worker has measured the model";
}

std::string ForeseenText(const darkroom::v1::Job& job) {
  return absl::StrFormat("device time: %.1f s\nwait: %s\njobs ahead: %d\n",
                         absl::ToDoubleSeconds(ToDuration(job.predicted_device_time())),
                         WaitText(job), job.queue_position());
}

std::string UpscaleText(const darkroom::v1::ImageParameters& parameters) {
  const darkroom::v1::Upscale& upscale = parameters.upscale();
  std::string text = absl::StrCat("picture: ", parameters.init_image().name(),
                                  "\nmodel: ", parameters.model(), "\nupscale: ");
  if (upscale.has_scale()) {
    absl::StrAppend(&text, upscale.scale(), " times");
  } else {
    absl::StrAppend(&text, "to ", upscale.width(), "x", upscale.height(),
                    upscale.crop() ? ", cropped" : "");
  }
  absl::StrAppend(&text, "\nupscaler: ", upscale.upscaler());
  if (!upscale.second_upscaler().empty()) {
    absl::StrAppend(&text, "\nupscaler 2: ", upscale.second_upscaler(), ", visible to ",
                    upscale.second_visibility());
  }
  return text;
}

}  // namespace

std::string ToJson(const google::protobuf::Message& message, bool pretty) {
  google::protobuf::util::JsonPrintOptions options;
  options.add_whitespace = pretty;
  options.preserve_proto_field_names = true;
  options.always_print_primitive_fields = true;
  std::string json;
  const auto status = google::protobuf::util::MessageToJsonString(message, &json, options);
  // Fails only for details of a type that this program does not know, or for broken UTF-8.
  if (!status.ok()) return "null";
  absl::StripTrailingAsciiWhitespace(&json);
  return json;
}

std::string JobJson(const darkroom::v1::Job& job, const std::vector<std::string>& files,
                    absl::string_view trace_id) {
  google::protobuf::ListValue list;
  for (const std::string& file : files) list.add_values()->set_string_value(file);
  std::string trace;
  if (!trace_id.empty()) {
    absl::StrAppend(&trace, ",\n\"trace_id\": ");
    AppendJsonString(trace, trace_id);
  }
  return absl::StrCat("{\n\"job\": ", ToJson(job), ",\n\"files\": ", ToJson(list, false), trace,
                      "\n}");
}

std::string StateText(darkroom::v1::JobState state) {
  absl::string_view name = darkroom::v1::JobState_Name(state);
  absl::ConsumePrefix(&name, "JOB_STATE_");
  return name.empty() ? "unknown" : absl::AsciiStrToLower(name);
}

bool IsTerminal(darkroom::v1::JobState state) {
  return state != darkroom::v1::JOB_STATE_UNSPECIFIED && state != darkroom::v1::JOB_STATE_QUEUED &&
         state != darkroom::v1::JOB_STATE_RUNNING;
}

std::string JobText(const darkroom::v1::Job& job) {
  const darkroom::v1::ImageParameters& parameters = job.parameters();
  const std::string made =
      parameters.has_upscale() ? UpscaleText(parameters) : ParametersText(parameters);
  if (job.name().empty()) return absl::StrCat(ForeseenText(job), made);
  std::string text = absl::StrCat("job: ", job.name(), "\nstate: ", StateText(job.state()), "\n");
  if (job.state() == darkroom::v1::JOB_STATE_QUEUED) {
    absl::StrAppend(&text, "wait: ", WaitText(job), "\njobs ahead: ", job.queue_position(), "\n");
  }
  absl::StrAppend(&text, made, "\ncreated: ", TimeText(job.create_time()), "\n");
  if (job.has_start_time()) {
    absl::StrAppend(&text, "started: ", TimeText(job.start_time()), "\n");
  }
  if (job.has_end_time()) absl::StrAppend(&text, "ended: ", TimeText(job.end_time()), "\n");
  if (job.has_expire_time()) {
    absl::StrAppend(&text, "kept until: ", TimeText(job.expire_time()), "\n");
  }
  if (job.has_error()) absl::StrAppend(&text, "error: ", ErrorText(job.error()));
  return text;
}

ExitCode ExitCodeOf(const darkroom::v1::Job& job) {
  return IsTerminal(job.state()) && job.state() != darkroom::v1::JOB_STATE_SUCCEEDED
             ? ExitCode::kJobFailed
             : ExitCode::kDone;
}

std::string TableText(const std::vector<std::vector<std::string>>& rows) {
  const auto width_of = [](const std::string& cell) {
    return static_cast<std::size_t>(std::count_if(cell.begin(), cell.end(), BeginsCharacter));
  };
  std::vector<std::size_t> widths;
  for (const auto& row : rows) {
    widths.resize(std::max(widths.size(), row.size()));
    for (std::size_t i = 0; i < row.size(); ++i) {
      widths[i] = std::max(widths[i], width_of(row[i]));
    }
  }
  std::vector<std::string> lines;
  for (const auto& row : rows) {
    std::string& line = lines.emplace_back();
    for (std::size_t i = 0; i < row.size(); ++i) {
      absl::StrAppend(&line, row[i], std::string(widths[i] - width_of(row[i]) + 2, ' '));
    }
    absl::StripTrailingAsciiWhitespace(&line);
  }
  return absl::StrJoin(lines, "\n");
}

std::string Shortened(absl::string_view text, std::size_t bytes) {
  std::string line(text);
  for (char& c : line) {
    // A terminal would obey control characters.
    if (absl::ascii_iscntrl(static_cast<unsigned char>(c))) c = ' ';
  }
  if (line.size() <= bytes) return line;
  std::size_t end = bytes < kEllipsis.size() ? 0 : bytes - kEllipsis.size();
  while (end > 0 && !BeginsCharacter(line[end])) --end;
  return absl::StrCat(line.substr(0, end), kEllipsis);
}

}  // namespace darkroom::cli
