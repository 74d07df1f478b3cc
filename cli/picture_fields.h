#ifndef DARKROOM_CLI_PICTURE_FIELDS_H_
#define DARKROOM_CLI_PICTURE_FIELDS_H_

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "darkroom/v1/image_parameters.pb.h"

namespace darkroom::cli {

// Where a field stands in the help.
enum class FieldGroup {
  kPicture,
  kInit,
  kMask,
  kHires,
  kText,
  kSeed,
  kSampler,
  kSchedule,
  kGuidance,
  kPreview
};

// What a field's values are; of numbers, ranges can be written in a grid.
enum class FieldKind { kText, kInteger, kNumber, kSwitch };

// A field of a request as users write it: the one table that options and grids are made from.
struct PictureField {
  absl::string_view name;   // of the option
  absl::string_view axis;   // what A1111's X/Y/Z plot calls it; empty: not for grids
  absl::string_view value;  // stands for the value in the help; empty for a switch
  absl::string_view help;
  FieldGroup group;
  FieldKind kind;
  // Sets the field, or adds to a repeated one. INVALID_ARGUMENT for a value that cannot even be
  // sent; limits are the server's to check.
  absl::Status (*set)(absl::string_view value, darkroom::v1::ImageParameters& parameters);
};

// All but the prompt, in the order of the help.
absl::Span<const PictureField> PictureFields();
// Null when there is none of that name. Dashes count as underscores.
const PictureField* FindPictureField(absl::string_view name);

// Sets what --init_image says: a file's content, or "jobs/ID" and the like as a name. NOT_FOUND and
// the like for a file that cannot be read.
absl::Status SetInitImage(absl::string_view text, darkroom::v1::ImageParameters& parameters);

}  // namespace darkroom::cli

#endif  // DARKROOM_CLI_PICTURE_FIELDS_H_
