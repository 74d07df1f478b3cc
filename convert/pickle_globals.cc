#include "convert/pickle_globals.h"

#include "absl/strings/str_cat.h"
#include "convert/text.h"

namespace darkroom::convert {
namespace {

using Kind = Global::Kind;

constexpr Global kGlobals[] = {
    {"torch._utils", "_rebuild_tensor_v2", Kind::kRebuildTensorV2},
    {"torch._utils", "_rebuild_tensor", Kind::kRebuildTensor},
    {"torch._utils", "_rebuild_parameter", Kind::kRebuildParameter},
    {"torch", "FloatStorage", Kind::kStorage, ElementType::kF32},
    {"torch", "HalfStorage", Kind::kStorage, ElementType::kF16},
    {"torch", "BFloat16Storage", Kind::kStorage, ElementType::kBF16},
    {"torch", "DoubleStorage", Kind::kStorage, ElementType::kF64},
    {"torch", "LongStorage", Kind::kStorage, ElementType::kI64},
    {"torch", "IntStorage", Kind::kStorage, ElementType::kI32},
    {"torch", "ShortStorage", Kind::kStorage, ElementType::kI16},
    {"torch", "CharStorage", Kind::kStorage, ElementType::kI8},
    {"torch", "ByteStorage", Kind::kStorage, ElementType::kU8},
    {"torch", "BoolStorage", Kind::kStorage, ElementType::kBool},
    {"torch", "Size", Kind::kSize},
    {"collections", "OrderedDict", Kind::kOrderedDict},
    {"torch.nn.modules.container", "ParameterDict", Kind::kParameterDict},
    {"__builtin__", "set", Kind::kSet},
    {"builtins", "set", Kind::kSet},
    {"_codecs", "encode", Kind::kEncode},
    {"numpy", "dtype", Kind::kNumpyType},
    {"numpy.core.multiarray", "scalar", Kind::kNumpyScalar},
    {"numpy._core.multiarray", "scalar", Kind::kNumpyScalar},
    {"torch", "float16", Kind::kInert},
    {"torch", "float32", Kind::kInert},
    {"torch", "float64", Kind::kInert},
    {"torch", "bfloat16", Kind::kInert},
    {"pytorch_lightning.callbacks.model_checkpoint", "ModelCheckpoint", Kind::kInert},
};

}  // namespace

const Global* FindGlobal(absl::string_view module, absl::string_view name) {
  for (const Global& global : kGlobals) {
    if (global.module == module && global.name == name) return &global;
  }
  return nullptr;
}

std::string GlobalText(absl::string_view module, absl::string_view name) {
  return absl::StrCat("the global ", Quoted(name), " of module ", Quoted(module));
}

std::string GlobalText(const Global& global) { return GlobalText(global.module, global.name); }

}  // namespace darkroom::convert
