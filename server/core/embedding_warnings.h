#ifndef DARKROOM_SERVER_CORE_EMBEDDING_WARNINGS_H_
#define DARKROOM_SERVER_CORE_EMBEDDING_WARNINGS_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "darkroom/v1/model.pb.h"
#include "server/admission/adapter_index.h"
#include "tokenizer/clip_tokenizer.h"

namespace darkroom::server {

// One sentence for each embedding whose name stands in a prompt and which the model cannot use,
// where none that it can use has the name. They are no errors: the name may be meant as a word.
std::vector<std::string> WarnOfOtherEmbeddings(absl::string_view prompt,
                                               const AdapterIndex& adapters,
                                               darkroom::v1::ModelFamily family,
                                               tokenizer::ClipTokenizer& tokenizer);

}  // namespace darkroom::server

#endif  // DARKROOM_SERVER_CORE_EMBEDDING_WARNINGS_H_
