#include "convert/pickle_value.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "convert/text.h"

namespace darkroom::convert {
namespace {

std::string CountText(absl::string_view what, std::size_t count) {
  return absl::StrCat(what, " of ", count);
}

struct Describer {
  const PickleData& data;

  std::string operator()(None) const { return "None"; }
  std::string operator()(bool value) const { return value ? "True" : "False"; }
  std::string operator()(std::int64_t value) const { return absl::StrCat("the number ", value); }
  std::string operator()(double value) const { return absl::StrCat("the number ", value); }
  std::string operator()(BigInteger) const { return "a long integer"; }
  std::string operator()(Text value) const {
    return absl::StrCat("the text ", Quoted(value.bytes));
  }
  std::string operator()(Bytes value) const {
    return CountText("a byte string", value.bytes.size());
  }
  std::string operator()(GlobalRef value) const { return GlobalText(*value.global); }
  std::string operator()(TupleRef value) const {
    return CountText("a tuple", data.sequences[value.index].size());
  }
  std::string operator()(ListRef value) const {
    return CountText("a list", data.sequences[value.index].size());
  }
  std::string operator()(DictRef value) const {
    const Dict& dict = data.dicts[value.index];
    if (dict.kind == Dict::Kind::kParameterDict) return "a ParameterDict";
    return CountText("a dict", dict.entries.size());
  }
  std::string operator()(StorageRef) const { return "a storage"; }
  std::string operator()(TensorRef) const { return "a tensor"; }
  std::string operator()(Opaque value) const {
    switch (value.kind) {
      case Opaque::Kind::kBytes:
        return "a byte string";
      case Opaque::Kind::kSet:
        return "a set";
      case Opaque::Kind::kNumpyType:
        return "a numpy type";
      case Opaque::Kind::kNumpyScalar:
        return "a numpy number";
    }
    return "";
  }
};

}  // namespace

std::string Describe(const Value& value, const PickleData& data) {
  return std::visit(Describer{data}, value);
}

const Value* Find(const Dict& dict, absl::string_view key) {
  const Value* found = nullptr;
  for (const auto& [name, value] : dict.entries) {
    const Text* text = std::get_if<Text>(&name);
    if (text != nullptr && text->bytes == key) found = &value;
  }
  return found;
}

}  // namespace darkroom::convert
