#include "cli/generate_options.h"

#include <utility>

#include "common/ids.h"

namespace darkroom::cli {

void GenerateOptions::Declare(OptionParser& options) {
  picture.DeclareEveryday(options);
  DeclareOutput(options);
  options.Add({"trace", "", "have the server record a trace, and print its id", ""}, &trace);
  picture.DeclareOnly(options, {"preview_interval"});
  picture.DeclareOthers(options);
}

void GenerateOptions::DeclareOutput(OptionParser& options) {
  options.BeginGroup("Output");
  options.Add({"out", "PATH", "a folder, or a file ending in .png; never overwrites", ""}, &out);
  options.Add({"json", "", "print the job and its files as JSON", ""}, &json);
  options.Add({"timeout", "TIME", "give the job up after this time: 90s, 5m", ""}, &timeout);
  options.Add({"request_id", "ID", "the same id never makes a second job", ""}, &request_id);
}

darkroom::v1::GenerateImageRequest GenerateOptions::Request(
    const std::optional<std::string>& prompt, darkroom::v1::ImageParameters base) const {
  darkroom::v1::GenerateImageRequest request;
  request.set_request_id(request_id.empty() ? RandomId() : request_id);
  request.mutable_parameters()->Swap(&base);
  if (prompt.has_value()) request.mutable_parameters()->set_prompt(*prompt);
  picture.Apply(*request.mutable_parameters());
  return request;
}

}  // namespace darkroom::cli
