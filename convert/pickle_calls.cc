#include "convert/pickle_calls.h"

#include <cstdint>
#include <limits>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "common/status_macros.h"
#include "convert/text.h"

namespace darkroom::convert {
namespace {

using Arguments = std::vector<Value>;

absl::Status Wrong(const Global& global, absl::string_view what) {
  return absl::InvalidArgumentError(absl::StrCat("calls ", GlobalText(global), " with ", what));
}

template <typename T>
bool Is(const Value& value) {
  return std::holds_alternative<T>(value);
}

bool IsEmptyDict(const Value& value, const PickleData& data) {
  const DictRef* dict = std::get_if<DictRef>(&value);
  return dict != nullptr && data.dicts[dict->index].entries.empty();
}

// Sizes or strides: a tuple of whole numbers, none negative.
std::optional<std::vector<std::int64_t>> ReadSizes(const Value& value, const PickleData& data) {
  const TupleRef* tuple = std::get_if<TupleRef>(&value);
  if (tuple == nullptr) return std::nullopt;
  const std::vector<Value>& items = data.sequences[tuple->index];
  if (items.size() > Tensor::kMaxDimensions) return std::nullopt;
  std::vector<std::int64_t> sizes;
  for (const Value& item : items) {
    const std::int64_t* size = std::get_if<std::int64_t>(&item);
    if (size == nullptr || *size < 0) return std::nullopt;
    sizes.push_back(*size);
  }
  return sizes;
}

// The elements of a shape; nullopt when their bytes do not fit in 63 bits. A size of 0 does not
// excuse the others.
std::optional<std::uint64_t> CountElements(const std::vector<std::int64_t>& shape,
                                           std::uint64_t element_bytes) {
  std::int64_t bytes = static_cast<std::int64_t>(element_bytes);
  bool empty = false;
  for (const std::int64_t size : shape) {
    if (size == 0) {
      empty = true;
    } else if (__builtin_mul_overflow(bytes, size, &bytes)) {
      return std::nullopt;
    }
  }
  return empty ? 0 : static_cast<std::uint64_t>(bytes) / element_bytes;
}

// Where the last element of a tensor that has any lies; nullopt when that does not fit in 63 bits.
std::optional<std::uint64_t> LastElement(const Tensor& tensor) {
  std::int64_t last = 0;
  if (tensor.offset > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) {
    return std::nullopt;
  }
  last = static_cast<std::int64_t>(tensor.offset);
  for (std::size_t i = 0; i < tensor.shape.size(); ++i) {
    std::int64_t way = 0;
    if (__builtin_mul_overflow(tensor.shape[i] - 1, tensor.strides[i], &way) ||
        __builtin_add_overflow(last, way, &last)) {
      return std::nullopt;
    }
  }
  return static_cast<std::uint64_t>(last);
}

absl::Status CheckInside(const Global& global, const Tensor& tensor, const Storage& storage) {
  const auto elements = CountElements(tensor.shape, ElementBytes(storage.type));
  if (!elements.has_value()) return Wrong(global, "a shape that is too large");
  if (*elements == 0) return absl::OkStatus();
  const auto last = LastElement(tensor);
  if (!last.has_value() || *last >= storage.elements) {
    return Wrong(global, absl::StrCat("a tensor that reaches beyond the ", storage.elements,
                                      " elements of its storage"));
  }
  return absl::OkStatus();
}

// (storage, offset, shape, strides), then what only training needs: whether it requires a
// gradient, its hooks, and from torch 2.0 on a dict of bits that change the values.
absl::StatusOr<Value> RebuildTensor(const Global& global, const Arguments& arguments,
                                    PickleData* data) {
  const bool second = global.kind == Global::Kind::kRebuildTensorV2;
  const std::size_t least = second ? 6 : 4;
  if (arguments.size() < least || arguments.size() > (second ? 7 : 4)) {
    return Wrong(global, absl::StrCat(arguments.size(), " arguments"));
  }
  const StorageRef* storage = std::get_if<StorageRef>(&arguments[0]);
  const std::int64_t* offset = std::get_if<std::int64_t>(&arguments[1]);
  auto shape = ReadSizes(arguments[2], *data);
  auto strides = ReadSizes(arguments[3], *data);
  if (storage == nullptr) return Wrong(global, "something that is no storage");
  if (offset == nullptr || *offset < 0) return Wrong(global, "an offset that is no number >= 0");
  if (!shape.has_value() || !strides.has_value() || shape->size() != strides->size()) {
    return Wrong(global, absl::StrCat("a shape and strides that are not two tuples of equally many "
                                      "numbers >= 0, at most ",
                                      Tensor::kMaxDimensions));
  }
  if (second) {
    const bool hooks = Is<DictRef>(arguments[5]) || Is<None>(arguments[5]);
    if (!Is<bool>(arguments[4]) || !hooks) {
      return Wrong(global, "flags and hooks of other types than torch writes");
    }
    if (arguments.size() == 7 && !IsEmptyDict(arguments[6], *data)) {
      return Wrong(global, "a tensor that is not what its storage says (conjugate or negative)");
    }
  }
  Tensor tensor{.storage = storage->index,
                .offset = static_cast<std::uint64_t>(*offset),
                .shape = *std::move(shape),
                .strides = *std::move(strides)};
  DARKROOM_RETURN_IF_ERROR(CheckInside(global, tensor, data->storages[storage->index]));
  data->tensors.push_back(std::move(tensor));
  return TensorRef{static_cast<std::uint32_t>(data->tensors.size() - 1)};
}

Value AddDict(Dict dict, PickleData* data) {
  data->dicts.push_back(std::move(dict));
  return DictRef{static_cast<std::uint32_t>(data->dicts.size() - 1)};
}

// (), or from Python 2 one list of two-element lists.
absl::StatusOr<Value> MakeOrderedDict(const Global& global, const Arguments& arguments,
                                      PickleData* data, std::size_t* copied) {
  Dict dict{.kind = Dict::Kind::kOrdered, .entries = {}, .state = None{}};
  if (arguments.empty()) return AddDict(std::move(dict), data);
  const ListRef* list = std::get_if<ListRef>(&arguments[0]);
  if (arguments.size() != 1 || list == nullptr) return Wrong(global, "something that is no list");
  for (const Value& item : data->sequences[list->index]) {
    std::optional<std::uint32_t> pair;
    if (const auto* inner = std::get_if<ListRef>(&item)) pair = inner->index;
    if (const auto* inner = std::get_if<TupleRef>(&item)) pair = inner->index;
    if (!pair.has_value() || data->sequences[*pair].size() != 2) {
      return Wrong(global, "a list that holds something else than pairs");
    }
    dict.entries.emplace_back(data->sequences[*pair][0], data->sequences[*pair][1]);
  }
  *copied += dict.entries.size();
  return AddDict(std::move(dict), data);
}

bool IsNumberOrBool(const Value& value) { return Is<bool>(value) || Is<std::int64_t>(value); }

bool IsKind(const Value& value, Opaque::Kind kind) {
  const Opaque* opaque = std::get_if<Opaque>(&value);
  return opaque != nullptr && opaque->kind == kind;
}

// What the arguments of the calls that make no tensor look like; nullopt when these do not.
std::optional<Value> MakePlain(Global::Kind kind, const Arguments& arguments) {
  const std::size_t count = arguments.size();
  switch (kind) {
    case Global::Kind::kSize:
      if (count == 1 && Is<TupleRef>(arguments[0])) return arguments[0];
      return std::nullopt;
    case Global::Kind::kSet:
      if (count == 1 && Is<ListRef>(arguments[0])) return Opaque{Opaque::Kind::kSet};
      return std::nullopt;
    case Global::Kind::kEncode:
      if (count == 2 && Is<Text>(arguments[0]) && Is<Text>(arguments[1])) {
        return Opaque{Opaque::Kind::kBytes};
      }
      return std::nullopt;
    case Global::Kind::kNumpyType:
      if (count == 3 && Is<Text>(arguments[0]) && IsNumberOrBool(arguments[1]) &&
          IsNumberOrBool(arguments[2])) {
        return Opaque{Opaque::Kind::kNumpyType};
      }
      return std::nullopt;
    case Global::Kind::kNumpyScalar:
      if (count == 2 && IsKind(arguments[0], Opaque::Kind::kNumpyType) &&
          (IsKind(arguments[1], Opaque::Kind::kBytes) || Is<Bytes>(arguments[1]) ||
           Is<Text>(arguments[1]))) {
        return Opaque{Opaque::Kind::kNumpyScalar};
      }
      return std::nullopt;
    default:
      return std::nullopt;
  }
}

}  // namespace

absl::StatusOr<Value> Call(const Global& global, TupleRef tuple, PickleData* data,
                           std::size_t* copied) {
  const Arguments& arguments = data->sequences[tuple.index];
  switch (global.kind) {
    case Global::Kind::kRebuildTensor:
    case Global::Kind::kRebuildTensorV2:
      return RebuildTensor(global, arguments, data);
    case Global::Kind::kRebuildParameter:
      if (arguments.size() == 3 && Is<TensorRef>(arguments[0]) && Is<bool>(arguments[1]) &&
          (Is<DictRef>(arguments[2]) || Is<None>(arguments[2]))) {
        return arguments[0];
      }
      return Wrong(global, "other arguments than torch writes");
    case Global::Kind::kOrderedDict:
      return MakeOrderedDict(global, arguments, data, copied);
    case Global::Kind::kStorage:
    case Global::Kind::kParameterDict:
    case Global::Kind::kInert:
      return absl::InvalidArgumentError(
          absl::StrCat("calls ", GlobalText(global), ", which no checkpoint does"));
    default:
      break;
  }
  const std::optional<Value> plain = MakePlain(global.kind, arguments);
  if (!plain.has_value()) return Wrong(global, "other arguments than are known of checkpoints");
  return *plain;
}

absl::StatusOr<Value> NewObject(const Global& global, TupleRef tuple, PickleData* data) {
  const bool known =
      global.kind == Global::Kind::kOrderedDict || global.kind == Global::Kind::kParameterDict;
  if (!known || !data->sequences[tuple.index].empty()) {
    return absl::InvalidArgumentError(
        absl::StrCat("makes an object of ", GlobalText(global), ", which no checkpoint does"));
  }
  const auto kind =
      global.kind == Global::Kind::kOrderedDict ? Dict::Kind::kOrdered : Dict::Kind::kParameterDict;
  return AddDict({.kind = kind, .entries = {}, .state = None{}}, data);
}

absl::Status SetState(const Value& object, const Value& state, PickleData* data) {
  if (IsKind(object, Opaque::Kind::kNumpyType) && Is<TupleRef>(state)) return absl::OkStatus();
  const DictRef* ref = std::get_if<DictRef>(&object);
  if (ref != nullptr && data->dicts[ref->index].kind != Dict::Kind::kPlain && Is<DictRef>(state)) {
    data->dicts[ref->index].state = state;
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError(absl::StrCat("gives attributes to ", Describe(object, *data)));
}

absl::StatusOr<Storage> ReadStorageId(const Value& id, const PickleData& data) {
  const auto wrong = [] {
    return absl::InvalidArgumentError("refers to something that is no storage of torch.save");
  };
  const TupleRef* tuple = std::get_if<TupleRef>(&id);
  if (tuple == nullptr) return wrong();
  const std::vector<Value>& parts = data.sequences[tuple->index];
  if (parts.size() < 5 || parts.size() > 6 || (parts.size() == 6 && !Is<None>(parts[5]))) {
    return wrong();
  }
  const Text* kind = std::get_if<Text>(&parts[0]);
  const GlobalRef* type = std::get_if<GlobalRef>(&parts[1]);
  const Text* key = std::get_if<Text>(&parts[2]);
  const std::int64_t* elements = std::get_if<std::int64_t>(&parts[4]);
  if (kind == nullptr || kind->bytes != "storage" || type == nullptr ||
      type->global->kind != Global::Kind::kStorage || key == nullptr || !Is<Text>(parts[3]) ||
      elements == nullptr || *elements < 0) {
    return wrong();
  }
  const std::uint64_t bytes = ElementBytes(type->global->type);
  if (static_cast<std::uint64_t>(*elements) >
      static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()) / bytes) {
    return absl::InvalidArgumentError(
        absl::StrCat("refers to a storage of ", *elements, " elements, which is too large"));
  }
  return Storage{.type = type->global->type,
                 .key = key->bytes,
                 .elements = static_cast<std::uint64_t>(*elements)};
}

}  // namespace darkroom::convert
