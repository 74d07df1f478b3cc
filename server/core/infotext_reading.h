#ifndef DARKROOM_SERVER_CORE_INFOTEXT_READING_H_
#define DARKROOM_SERVER_CORE_INFOTEXT_READING_H_

#include <string>
#include <vector>

#include "darkroom/v1/image_parameters.pb.h"
#include "infotext/image_parameters.h"
#include "server/admission/adapter_index.h"
#include "server/admission/model_catalogue.h"

namespace darkroom::server {

inline constexpr std::size_t kMaxInfotextNotes = 100;

struct InfotextReading {
  // What a request for the same picture says. Values are as the text has them: whether they are in
  // range is for the request to find out. What the text does not tell, and what it leaves out
  // because it is the default there and here, is unset.
  darkroom::v1::ImageParameters parameters;
  // One sentence for everything that is not in `parameters`, but for the version of the program
  // that made the picture; at most kMaxInfotextNotes, the last of which then counts the others.
  std::vector<std::string> notes;
};

// The parameters of a picture in terms of this service and its models. The model is looked for by
// its hash, then by its name. `files`: that its upscaler may be one of; null: none. Pure.
InfotextReading ReadParameters(const infotext::ImageParameters& picture, const Models& models,
                               const AdapterIndex* files = nullptr);

}  // namespace darkroom::server

#endif  // DARKROOM_SERVER_CORE_INFOTEXT_READING_H_
