#ifndef DARKROOM_SERVER_CORE_INFOTEXT_HIRES_H_
#define DARKROOM_SERVER_CORE_INFOTEXT_HIRES_H_

#include "absl/functional/function_ref.h"
#include "absl/strings/string_view.h"
#include "darkroom/v1/image_parameters.pb.h"
#include "infotext/image_parameters.h"
#include "server/admission/adapter_index.h"

namespace darkroom::server {

// Takes a note of a pair that is not in the parameters: its key, its value, and the end of a
// sentence that says why.
using TakeNote =
    absl::FunctionRef<void(absl::string_view key, absl::string_view value, absl::string_view why)>;

// Whether a picture's text tells of a second pass, by AUTOMATIC1111's rule: it has a strength, and
// says how large or by what it is scaled.
bool HasHiresFix(const infotext::ImageParameters& picture);

// Whether its upscaler can only be known by those that are files.
bool NamesUpscalerFile(const infotext::ImageParameters& picture);

// ImageParameters.hires_fix of a picture that has one; notes alone of others. `files` may be null.
void ReadHiresFix(const infotext::ImageParameters& picture, const AdapterIndex* files,
                  TakeNote note, darkroom::v1::ImageParameters& parameters);

}  // namespace darkroom::server

#endif  // DARKROOM_SERVER_CORE_INFOTEXT_HIRES_H_
