#ifndef DARKROOM_SERVER_ADMISSION_RESOLUTION_H_
#define DARKROOM_SERVER_ADMISSION_RESOLUTION_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "absl/functional/function_ref.h"
#include "absl/types/span.h"
#include "darkroom/v1/image_parameters.pb.h"
#include "darkroom/v1/model.pb.h"
#include "picture/header.h"
#include "prompt/styles.h"
#include "server/admission/adapter_index.h"
#include "server/admission/violation_list.h"

namespace darkroom::server {

// What a request may ask for.
struct Catalogue {
  const std::map<std::string, darkroom::v1::Model>& models;  // by id
  std::string default_model = {};                            // may be empty
  absl::Span<const prompt::Style> styles = {};
  // Of the model that is asked for. Null: names of adapters are not checked, and there is no
  // upscaler that is a file.
  const AdapterIndex* adapters = nullptr;
};

inline constexpr NumberRange kGuidanceScale = {1, 30};  // of either pass

// What the files of a request say; nothing where there is none, or none that is good.
struct Inputs {
  std::optional<picture::Header> init_image = {};
  std::optional<picture::Header> mask = {};
};

// A request half way through its check: what it asked for, and what has come of it so far. Each
// rule reads `asked`, writes its fields of `resolved`, and adds to `violations` what is wrong.
struct Resolution {
  const darkroom::v1::ImageParameters& asked;
  const Catalogue& catalogue;
  // Null while, and when, the model is unknown: what depends on it is then left unchecked.
  const darkroom::v1::Model* model = nullptr;
  Inputs inputs = {};
  darkroom::v1::ImageParameters resolved = asked;
  ViolationList violations = {};
  // Multiply-adds of upscalers that are networks, of all images.
  double upscale_operations = 0;
  // Of a picture that is only made larger: what its upscalers make, together.
  std::int64_t upscaled_pixels = 0;
};

// Returns 32 random bits.
using DrawSeed = absl::FunctionRef<std::uint32_t()>;

}  // namespace darkroom::server

#endif  // DARKROOM_SERVER_ADMISSION_RESOLUTION_H_
