#ifndef DARKROOM_CONVERT_PICKLE_GLOBALS_H_
#define DARKROOM_CONVERT_PICKLE_GLOBALS_H_

#include <string>

#include "absl/strings/string_view.h"
#include "convert/element_type.h"

namespace darkroom::convert {

// A class or function that a pickle may name. Nothing is imported: a global is a word of the file
// that the interpreter knows the meaning of. Every other one is refused.
struct Global {
  enum class Kind {
    kStorage,  // torch.FloatStorage and its like, the type of a storage
    kRebuildTensor,
    kRebuildTensorV2,
    kRebuildParameter,
    kSize,
    kOrderedDict,
    kParameterDict,  // in embeddings of the textual inversion code (rinongal/textual_inversion)
    kSet,
    kEncode,  // _codecs.encode: how protocol 2 writes bytes
    kNumpyType,
    kNumpyScalar,
    kInert  // may stand in the file, as a dict's key or value, and cannot be called
  };

  absl::string_view module;
  absl::string_view name;
  Kind kind;
  ElementType type = ElementType::kF32;  // of kStorage
};

// Null when a checkpoint has no use for it. What is known is what torch.save writes for tensors,
// and what AUTOMATIC1111's modules/safe.py had to let pass for training checkpoints that people
// have (numpy numbers and Lightning's ModelCheckpoint beside the weights).
const Global* FindGlobal(absl::string_view module, absl::string_view name);

// "the global "name" of module "module"", escaped, for messages.
std::string GlobalText(absl::string_view module, absl::string_view name);
std::string GlobalText(const Global& global);

}  // namespace darkroom::convert

#endif  // DARKROOM_CONVERT_PICKLE_GLOBALS_H_
