#ifndef DARKROOM_CONVERT_PICKLE_VALUE_H_
#define DARKROOM_CONVERT_PICKLE_VALUE_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "absl/strings/string_view.h"
#include "convert/element_type.h"
#include "convert/pickle_globals.h"

namespace darkroom::convert {

// What a pickle describes. Containers and tensors live side by side in the arrays of PickleData and
// refer to each other by index: a structure may be of any depth, even contain itself, and nothing
// that copies, visits or destroys it recurses. Texts are views into the pickle.

struct None {};
struct BigInteger {  // little-endian two's complement of more than eight bytes
  absl::string_view bytes;
};
struct Text {  // as it stands in the file, not checked to be UTF-8
  absl::string_view bytes;
};
struct Bytes {
  absl::string_view bytes;
};
struct GlobalRef {
  const Global* global;
};
struct TupleRef {
  std::uint32_t index;  // of PickleData::sequences
};
struct ListRef {
  std::uint32_t index;  // of PickleData::sequences
};
struct DictRef {
  std::uint32_t index;  // of PickleData::dicts
};
struct StorageRef {
  std::uint32_t index;  // of PickleData::storages
};
struct TensorRef {
  std::uint32_t index;  // of PickleData::tensors
};
// Data that is no part of a tensor and is not kept.
struct Opaque {
  enum class Kind { kBytes, kSet, kNumpyType, kNumpyScalar } kind;
};

using Value = std::variant<None, bool, std::int64_t, double, BigInteger, Text, Bytes, GlobalRef,
                           TupleRef, ListRef, DictRef, StorageRef, TensorRef, Opaque>;

// The typed memory that tensors view, as torch saves it.
struct Storage {
  ElementType type;
  absl::string_view key;       // names it in the file: "0"
  std::uint64_t elements = 0;  // elements * ElementBytes(type) fits in 63 bits
};

// A view of a storage. Every element lies inside the storage's declared elements, and the bytes
// that the shape takes fit in 63 bits.
struct Tensor {
  static constexpr std::size_t kMaxDimensions = 8;

  std::uint32_t storage = 0;
  std::uint64_t offset = 0;  // of the first element, in elements
  std::vector<std::int64_t> shape;
  std::vector<std::int64_t> strides;  // in elements, none negative
};

struct Dict {
  enum class Kind {
    kPlain,
    kOrdered,       // collections.OrderedDict
    kParameterDict  // torch.nn.ParameterDict: a module, whose attributes are in `state`
  };

  Kind kind = Kind::kPlain;
  std::vector<std::pair<Value, Value>> entries;  // in the order of the file; a key may come twice
  Value state;                                   // what BUILD gave it
};

struct PickleData {
  Value root;
  std::vector<std::vector<Value>> sequences;
  std::vector<Dict> dicts;
  std::vector<Storage> storages;  // each key once
  std::vector<Tensor> tensors;
};

// "a list of 3", "a text", "the global "numpy" "dtype"": what a value is, for messages.
std::string Describe(const Value& value, const PickleData& data);

// The value of the text key `key`, or null; the last one where it comes twice, as in Python.
const Value* Find(const Dict& dict, absl::string_view key);

}  // namespace darkroom::convert

#endif  // DARKROOM_CONVERT_PICKLE_VALUE_H_
