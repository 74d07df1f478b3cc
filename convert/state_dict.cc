#include "convert/state_dict.h"

#include "absl/container/flat_hash_set.h"
#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "common/status_macros.h"
#include "common/utf8.h"
#include "convert/text.h"

namespace darkroom::convert {
namespace {

constexpr absl::string_view kEmbedding = "emb_params";
constexpr absl::string_view kEmbeddingHolder = "string_to_param";
constexpr absl::string_view kHolders[] = {"state_dict", "model", "params_ema", "params",
                                          kEmbeddingHolder};

// The dict that a value is: of a ParameterDict, the dict of its parameters.
const Dict* AsDict(const Value& value, const PickleData& data) {
  const DictRef* ref = std::get_if<DictRef>(&value);
  if (ref == nullptr) return nullptr;
  const Dict& dict = data.dicts[ref->index];
  if (dict.kind != Dict::Kind::kParameterDict) return &dict;
  const DictRef* attributes = std::get_if<DictRef>(&dict.state);
  if (attributes == nullptr) return nullptr;
  const Value* parameters = Find(data.dicts[attributes->index], "_parameters");
  const DictRef* inner = parameters == nullptr ? nullptr : std::get_if<DictRef>(parameters);
  return inner == nullptr ? nullptr : &data.dicts[inner->index];
}

std::string NameOf(const Value& key, const PickleData& data) {
  const Text* text = std::get_if<Text>(&key);
  return text == nullptr ? Describe(key, data) : Quoted(text->bytes);
}

absl::Status TakeTensors(const Dict& dict, const PickleData& data, StateDict* state) {
  absl::flat_hash_set<absl::string_view> names;
  for (const auto& [key, value] : dict.entries) {
    const TensorRef* tensor = std::get_if<TensorRef>(&value);
    const Text* name = std::get_if<Text>(&key);
    if (tensor == nullptr || name == nullptr) {
      state->skipped.push_back({NameOf(key, data), Describe(value, data)});
      continue;
    }
    if (!IsValidUtf8(name->bytes)) {
      return absl::InvalidArgumentError(
          absl::StrCat("the name ", Quoted(name->bytes), " of a tensor is no text"));
    }
    if (!names.insert(name->bytes).second) {
      return absl::InvalidArgumentError(
          absl::StrCat("it has the tensor ", Quoted(name->bytes), " twice"));
    }
    state->tensors.push_back({std::string(name->bytes), tensor->index});
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<StateDict> SelectStateDict(const PickleData& data) {
  StateDict state;
  if (const TensorRef* tensor = std::get_if<TensorRef>(&data.root)) {
    state.tensors.push_back({std::string(kEmbedding), tensor->index});
    return state;
  }
  const Dict* root = AsDict(data.root, data);
  if (root == nullptr) {
    return absl::InvalidArgumentError(
        absl::StrCat("it holds ", Describe(data.root, data), " where a dict of tensors should be"));
  }
  const Dict* holder = nullptr;
  for (const absl::string_view name : kHolders) {
    const Value* value = Find(*root, name);
    holder = value == nullptr ? nullptr : AsDict(*value, data);
    if (holder != nullptr) {
      state.taken_from = std::string(name);
      break;
    }
  }
  if (holder != nullptr) {
    for (const auto& [key, value] : root->entries) {
      const Text* text = std::get_if<Text>(&key);
      if (text != nullptr && text->bytes == state.taken_from) continue;
      state.skipped.push_back({NameOf(key, data), Describe(value, data)});
    }
  }
  DARKROOM_RETURN_IF_ERROR(TakeTensors(holder == nullptr ? *root : *holder, data, &state));
  if (state.tensors.empty()) return absl::InvalidArgumentError("it holds no tensors");
  if (state.taken_from == kEmbeddingHolder && state.tensors.size() == 1) {
    state.tensors.front().name = std::string(kEmbedding);
  }
  return state;
}

}  // namespace darkroom::convert
