#include "convert/pickle_interpreter.h"

#include <bit>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "common/status_macros.h"
#include "convert/opcode_reader.h"
#include "convert/pickle_calls.h"
#include "convert/pickle_globals.h"
#include "convert/pickle_opcodes.h"
#include "convert/text.h"

namespace darkroom::convert {
namespace {

class Machine {
 public:
  explicit Machine(const PickleSource& source) : source_(source), reader_(source) {}

  absl::StatusOr<Pickle> Run() {
    do {
      DARKROOM_RETURN_IF_ERROR(Step());
    } while (!stopped_);
    return Pickle{.data = std::move(data_), .size = reader_.position()};
  }

 private:
  absl::Status RefuseOpcode(absl::string_view what) const { return reader_.RefuseOpcode(what); }

  absl::Status Step();
  absl::Status RunOpcode();
  absl::Status RunScalar();
  absl::Status RunText();
  absl::Status RunContainer();
  absl::Status RunMemo();
  absl::Status RunObject();

  absl::Status Push(Value value) {
    stack_.push_back(value);
    return absl::OkStatus();
  }
  // The stack above the last mark: what opcodes may touch.
  std::size_t available() const { return stack_.size() - (marks_.empty() ? 0 : marks_.back()); }
  absl::StatusOr<Value> Pop();
  // Pops the last `count` values, or all above the last mark and the mark with them.
  absl::StatusOr<std::vector<Value>> PopSome(std::size_t count);
  absl::StatusOr<std::vector<Value>> PopToMark();
  // The value that an opcode adds to, when it is a T.
  template <typename T>
  absl::StatusOr<T> Top(absl::string_view wanted) const;

  absl::Status PushSequence(absl::StatusOr<std::vector<Value>> items, bool tuple);
  absl::Status Append(absl::StatusOr<std::vector<Value>> items);
  absl::Status SetItems(absl::StatusOr<std::vector<Value>> items);
  absl::Status PushLong();
  absl::Status Put(std::uint64_t index);
  absl::Status Get(std::uint64_t index);
  absl::Status PushGlobal(absl::string_view module, absl::string_view name);
  absl::Status PushStackGlobal();
  absl::Status Reduce();
  absl::Status Build();
  absl::Status PushStorage();
  absl::Status Stop();

  const PickleSource& source_;
  OpcodeReader reader_;
  unsigned char opcode_ = 0;
  std::size_t steps_ = 0;
  bool stopped_ = false;
  std::vector<Value> stack_;
  std::vector<std::size_t> marks_;  // heights of the stack, rising
  absl::flat_hash_map<std::uint64_t, Value> memo_;
  absl::flat_hash_map<absl::string_view, std::uint32_t> storages_;
  PickleData data_;
};

absl::StatusOr<Value> Machine::Pop() {
  if (available() == 0) return RefuseOpcode("takes a value from an empty stack");
  const Value value = stack_.back();
  stack_.pop_back();
  return value;
}

absl::StatusOr<std::vector<Value>> Machine::PopSome(std::size_t count) {
  if (available() < count) return RefuseOpcode("takes more values than the stack has");
  std::vector<Value> items(stack_.end() - static_cast<std::ptrdiff_t>(count), stack_.end());
  stack_.resize(stack_.size() - count);
  return items;
}

absl::StatusOr<std::vector<Value>> Machine::PopToMark() {
  if (marks_.empty()) return RefuseOpcode("has no MARK before it");
  auto items = PopSome(available());
  marks_.pop_back();
  return items;
}

template <typename T>
absl::StatusOr<T> Machine::Top(absl::string_view wanted) const {
  if (available() == 0) return RefuseOpcode(absl::StrCat("has no ", wanted, " to add to"));
  const T* found = std::get_if<T>(&stack_.back());
  if (found == nullptr) {
    return RefuseOpcode(
        absl::StrCat("adds to ", Describe(stack_.back(), data_), ", which is no ", wanted));
  }
  return *found;
}

absl::Status Machine::PushSequence(absl::StatusOr<std::vector<Value>> items, bool tuple) {
  if (!items.ok()) return items.status();
  data_.sequences.push_back(*std::move(items));
  const auto index = static_cast<std::uint32_t>(data_.sequences.size() - 1);
  return tuple ? Push(TupleRef{index}) : Push(ListRef{index});
}

absl::Status Machine::Append(absl::StatusOr<std::vector<Value>> items) {
  if (!items.ok()) return items.status();
  DARKROOM_ASSIGN_OR_RETURN(const ListRef list, Top<ListRef>("list"));
  std::vector<Value>& target = data_.sequences[list.index];
  target.insert(target.end(), items->begin(), items->end());
  return absl::OkStatus();
}

absl::Status Machine::SetItems(absl::StatusOr<std::vector<Value>> items) {
  if (!items.ok()) return items.status();
  DARKROOM_ASSIGN_OR_RETURN(const DictRef dict, Top<DictRef>("dict"));
  if (items->size() % 2 != 0) return RefuseOpcode("has a key without a value");
  for (std::size_t i = 0; i < items->size(); i += 2) {
    data_.dicts[dict.index].entries.emplace_back((*items)[i], (*items)[i + 1]);
  }
  return absl::OkStatus();
}

absl::Status Machine::PushLong() {
  DARKROOM_ASSIGN_OR_RETURN(const absl::string_view bytes, reader_.TakeCounted(1));
  if (bytes.size() > sizeof(std::int64_t)) return Push(BigInteger{bytes});
  std::uint64_t number =
      !bytes.empty() && static_cast<signed char>(bytes.back()) < 0 ? ~std::uint64_t{0} : 0;
  for (std::size_t i = bytes.size(); i-- > 0;) {
    number = number << 8 | static_cast<unsigned char>(bytes[i]);
  }
  return Push(static_cast<std::int64_t>(number));
}

absl::Status Machine::Put(std::uint64_t index) {
  if (available() == 0) return RefuseOpcode("keeps a value of an empty stack");
  memo_[index] = stack_.back();
  return absl::OkStatus();
}

absl::Status Machine::Get(std::uint64_t index) {
  const auto found = memo_.find(index);
  if (found == memo_.end()) {
    return RefuseOpcode(absl::StrCat("takes value ", index, ", which was never kept"));
  }
  return Push(found->second);
}

absl::Status Machine::PushGlobal(absl::string_view module, absl::string_view name) {
  const Global* global = FindGlobal(module, name);
  if (global == nullptr)
    return reader_.Refuse(GlobalText(module, name), "is none that tensors need");
  return Push(GlobalRef{global});
}

absl::Status Machine::PushStackGlobal() {
  DARKROOM_ASSIGN_OR_RETURN(const std::vector<Value> words, PopSome(2));
  const Text* module = std::get_if<Text>(&words[0]);
  const Text* name = std::get_if<Text>(&words[1]);
  if (module == nullptr || name == nullptr) return RefuseOpcode("names a global without a text");
  return PushGlobal(module->bytes, name->bytes);
}

absl::Status Machine::Reduce() {
  DARKROOM_ASSIGN_OR_RETURN(const std::vector<Value> call, PopSome(2));
  const GlobalRef* callee = std::get_if<GlobalRef>(&call[0]);
  const TupleRef* arguments = std::get_if<TupleRef>(&call[1]);
  if (callee == nullptr || arguments == nullptr) {
    return RefuseOpcode(
        absl::StrCat("applies ", Describe(call[0], data_), " to ", Describe(call[1], data_)));
  }
  const absl::StatusOr<Value> made = opcode_ == kReduce
                                         ? Call(*callee->global, *arguments, &data_, &steps_)
                                         : NewObject(*callee->global, *arguments, &data_);
  if (!made.ok()) return RefuseOpcode(made.status().message());
  return Push(*made);
}

absl::Status Machine::Build() {
  DARKROOM_ASSIGN_OR_RETURN(const std::vector<Value> pair, PopSome(2));
  const absl::Status set = SetState(pair[0], pair[1], &data_);
  if (!set.ok()) return RefuseOpcode(set.message());
  return Push(pair[0]);
}

absl::Status Machine::PushStorage() {
  DARKROOM_ASSIGN_OR_RETURN(const Value id, Pop());
  const absl::StatusOr<Storage> storage = ReadStorageId(id, data_);
  if (!storage.ok()) return RefuseOpcode(storage.status().message());
  const auto [known, added] =
      storages_.try_emplace(storage->key, static_cast<std::uint32_t>(data_.storages.size()));
  if (added) {
    data_.storages.push_back(*storage);
  } else if (const Storage& first = data_.storages[known->second];
             first.type != storage->type || first.elements != storage->elements) {
    return RefuseOpcode(
        absl::StrCat("gives storage ", Quoted(storage->key), " another type or size than before"));
  }
  return Push(StorageRef{known->second});
}

absl::Status Machine::Stop() {
  if (!marks_.empty() || stack_.size() != 1) {
    return RefuseOpcode(absl::StrCat("leaves ", stack_.size(), " values instead of one"));
  }
  data_.root = stack_.back();
  stopped_ = true;
  return absl::OkStatus();
}

absl::Status Machine::RunScalar() {
  switch (opcode_) {
    case kNone:
      return Push(None{});
    case kNewTrue:
      return Push(true);
    case kNewFalse:
      return Push(false);
    case kBinInt: {
      DARKROOM_ASSIGN_OR_RETURN(const std::uint64_t number, reader_.TakeNumber(4));
      return Push(std::int64_t{static_cast<std::int32_t>(number)});
    }
    case kBinInt1:
    case kBinInt2: {
      DARKROOM_ASSIGN_OR_RETURN(const std::uint64_t number,
                                reader_.TakeNumber(opcode_ == kBinInt1 ? 1 : 2));
      return Push(static_cast<std::int64_t>(number));
    }
    case kBinFloat: {  // the only big-endian number
      DARKROOM_ASSIGN_OR_RETURN(const std::uint64_t number, reader_.TakeNumber(8));
      return Push(std::bit_cast<double>(__builtin_bswap64(number)));
    }
    default:
      return PushLong();
  }
}

absl::Status Machine::RunText() {
  const bool bytes = opcode_ == kShortBinBytes || opcode_ == kBinBytes || opcode_ == kBinBytes8;
  const bool short_one =
      opcode_ == kShortBinBytes || opcode_ == kShortBinString || opcode_ == kShortBinUnicode;
  const bool long_one = opcode_ == kBinBytes8 || opcode_ == kBinUnicode8;
  const std::size_t width = short_one ? 1 : long_one ? 8 : 4;
  DARKROOM_ASSIGN_OR_RETURN(const absl::string_view text, reader_.TakeCounted(width));
  return bytes ? Push(Bytes{text}) : Push(Text{text});
}

absl::Status Machine::RunContainer() {
  switch (opcode_) {
    case kEmptyTuple:
      return PushSequence(std::vector<Value>(), true);
    case kTuple1:
      return PushSequence(PopSome(1), true);
    case kTuple2:
      return PushSequence(PopSome(2), true);
    case kTuple3:
      return PushSequence(PopSome(3), true);
    case kTuple:
      return PushSequence(PopToMark(), true);
    case kEmptyList:
      return PushSequence(std::vector<Value>(), false);
    case kAppend:
      return Append(PopSome(1));
    case kAppends:
      return Append(PopToMark());
    case kEmptyDict:
      data_.dicts.emplace_back();
      return Push(DictRef{static_cast<std::uint32_t>(data_.dicts.size() - 1)});
    case kSetItem:
      return SetItems(PopSome(2));
    case kSetItems:
      return SetItems(PopToMark());
    case kEmptySet:
      return Push(Opaque{Opaque::Kind::kSet});
    default: {  // ADDITEMS
      DARKROOM_RETURN_IF_ERROR(PopToMark().status());
      DARKROOM_ASSIGN_OR_RETURN(const Opaque set, Top<Opaque>("set"));
      return set.kind == Opaque::Kind::kSet ? absl::OkStatus() : RefuseOpcode("adds to no set");
    }
  }
}

absl::Status Machine::RunMemo() {
  if (opcode_ == kMemoize) return Put(memo_.size());
  const bool one_byte = opcode_ == kBinPut || opcode_ == kBinGet;
  DARKROOM_ASSIGN_OR_RETURN(const std::uint64_t index, reader_.TakeNumber(one_byte ? 1 : 4));
  return opcode_ == kBinPut || opcode_ == kLongBinPut ? Put(index) : Get(index);
}

absl::Status Machine::RunObject() {
  switch (opcode_) {
    case kGlobal: {
      DARKROOM_ASSIGN_OR_RETURN(const absl::string_view module, reader_.TakeLine());
      DARKROOM_ASSIGN_OR_RETURN(const absl::string_view name, reader_.TakeLine());
      return PushGlobal(module, name);
    }
    case kStackGlobal:
      return PushStackGlobal();
    case kBuild:
      return Build();
    case kBinPersId:
      return PushStorage();
    default:
      return Reduce();
  }
}

absl::Status Machine::RunOpcode() {
  switch (GroupOf(opcode_)) {
    case OpcodeGroup::kScalar:
      return RunScalar();
    case OpcodeGroup::kText:
      return RunText();
    case OpcodeGroup::kContainer:
      return RunContainer();
    case OpcodeGroup::kMemo:
      return RunMemo();
    case OpcodeGroup::kObject:
      return RunObject();
    case OpcodeGroup::kMark:
      marks_.push_back(stack_.size());
      return absl::OkStatus();
    case OpcodeGroup::kStop:
      return Stop();
    case OpcodeGroup::kFrame: {  // only says how many bytes a reader may fetch at once
      DARKROOM_ASSIGN_OR_RETURN(const std::uint64_t size, reader_.TakeNumber(8));
      return reader_.Expect(size);
    }
    case OpcodeGroup::kProtocol: {
      DARKROOM_ASSIGN_OR_RETURN(const std::uint64_t protocol, reader_.TakeNumber(1));
      if (!reader_.at_beginning()) return RefuseOpcode("is not at the beginning");
      if (protocol >= 2 && protocol <= 4) return absl::OkStatus();
      return RefuseOpcode(absl::StrCat("asks for protocol ", protocol, ", not 2, 3 or 4"));
    }
    case OpcodeGroup::kRefused:
      break;
  }
  return RefuseOpcode("is none that tensors need");
}

absl::Status Machine::Step() {
  if (++steps_ > kMaxPickleSteps || reader_.position() >= kMaxPickleBytes) {
    return absl::ResourceExhaustedError(absl::StrCat(source_.name, " takes more than ",
                                                     kMaxPickleSteps, " steps or ", kMaxPickleBytes,
                                                     " bytes to describe its tensors"));
  }
  DARKROOM_RETURN_IF_ERROR(reader_.Next());
  opcode_ = reader_.opcode();
  if (reader_.at_beginning() && opcode_ != kProto) {
    return RefuseOpcode("is at the beginning instead of PROTO");
  }
  return RunOpcode();
}

}  // namespace

absl::StatusOr<Pickle> ReadPickle(const PickleSource& source) { return Machine(source).Run(); }

}  // namespace darkroom::convert
