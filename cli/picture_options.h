#ifndef DARKROOM_CLI_PICTURE_OPTIONS_H_
#define DARKROOM_CLI_PICTURE_OPTIONS_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "cli/option_parser.h"
#include "cli/picture_fields.h"
#include "darkroom/v1/image_parameters.pb.h"

namespace darkroom::cli {

// What the command line says about a picture: the values that were written, and nothing else.
class PictureOptions {
 public:
  // Adds the options that everybody needs, without those named in `except`; then, each group under
  // its heading, the others.
  void DeclareEveryday(OptionParser& options, absl::Span<const absl::string_view> except = {});
  void DeclareOthers(OptionParser& options);
  // Adds these alone.
  void DeclareOnly(OptionParser& options, absl::Span<const absl::string_view> names);

  // Sets what was written, over what is there already.
  void Apply(darkroom::v1::ImageParameters& parameters) const;

 private:
  struct Given {
    const PictureField* field;
    std::string value;
  };

  void Declare(OptionParser& options, const PictureField& field);

  std::vector<Given> given_;  // in the order of the command line; each value has been checked
};

}  // namespace darkroom::cli

#endif  // DARKROOM_CLI_PICTURE_OPTIONS_H_
