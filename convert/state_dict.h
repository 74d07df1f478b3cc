#ifndef DARKROOM_CONVERT_STATE_DICT_H_
#define DARKROOM_CONVERT_STATE_DICT_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "convert/pickle_value.h"

namespace darkroom::convert {

// Which tensors of a checkpoint are the model's.

struct NamedTensor {
  std::string name;          // valid UTF-8
  std::uint32_t tensor = 0;  // of PickleData::tensors
};

// Something of the checkpoint that is not converted.
struct SkippedEntry {
  std::string name;  // quoted and escaped: "optimizer_states"
  std::string what;  // "a list of 1"
};

struct StateDict {
  std::string taken_from;            // the entry that holds the tensors, "" for the whole object
  std::vector<NamedTensor> tensors;  // at least one, every name once, in the order of the file
  std::vector<SkippedEntry> skipped;
};

// The tensors of the first of the root's entries "state_dict", "model", "params_ema", "params" and
// "string_to_param" that is a dict, or else those of the root itself: what training programs,
// upscalers and textual inversion save. What lies beside them is data of plain types, since a
// pickle with anything else has been refused, and is skipped. A tensor that has no name of its own,
// as the one of an embedding, gets the name that embeddings have in safetensors files,
// "emb_params". INVALID_ARGUMENT: there is no tensor, a name comes twice or is no text.
absl::StatusOr<StateDict> SelectStateDict(const PickleData& data);

}  // namespace darkroom::convert

#endif  // DARKROOM_CONVERT_STATE_DICT_H_
