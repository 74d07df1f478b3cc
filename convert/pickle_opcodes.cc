#include "convert/pickle_opcodes.h"

#include <array>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

namespace darkroom::convert {
namespace {

using Group = OpcodeGroup;

struct OpcodeInfo {
  unsigned char opcode = 0;
  absl::string_view name;
  OpcodeGroup group = Group::kRefused;
};

// All of protocols 0 to 5, so that a refusal can name them.
constexpr OpcodeInfo kOpcodes[] = {
    {kMark, "MARK", Group::kMark},
    {kStop, "STOP", Group::kStop},
    {'0', "POP"},
    {'1', "POP_MARK"},
    {'2', "DUP"},
    {'F', "FLOAT"},
    {'I', "INT"},
    {kBinInt, "BININT", Group::kScalar},
    {kBinInt1, "BININT1", Group::kScalar},
    {'L', "LONG"},
    {kBinInt2, "BININT2", Group::kScalar},
    {kNone, "NONE", Group::kScalar},
    {'P', "PERSID"},
    {kBinPersId, "BINPERSID", Group::kObject},
    {kReduce, "REDUCE", Group::kObject},
    {'S', "STRING"},
    {kBinString, "BINSTRING", Group::kText},
    {kShortBinString, "SHORT_BINSTRING", Group::kText},
    {'V', "UNICODE"},
    {kBinUnicode, "BINUNICODE", Group::kText},
    {kAppend, "APPEND", Group::kContainer},
    {kBuild, "BUILD", Group::kObject},
    {kGlobal, "GLOBAL", Group::kObject},
    {'d', "DICT"},
    {kEmptyDict, "EMPTY_DICT", Group::kContainer},
    {kAppends, "APPENDS", Group::kContainer},
    {'g', "GET"},
    {kBinGet, "BINGET", Group::kMemo},
    {'i', "INST"},
    {kLongBinGet, "LONG_BINGET", Group::kMemo},
    {'l', "LIST"},
    {kEmptyList, "EMPTY_LIST", Group::kContainer},
    {'o', "OBJ"},
    {'p', "PUT"},
    {kBinPut, "BINPUT", Group::kMemo},
    {kLongBinPut, "LONG_BINPUT", Group::kMemo},
    {kSetItem, "SETITEM", Group::kContainer},
    {kTuple, "TUPLE", Group::kContainer},
    {kEmptyTuple, "EMPTY_TUPLE", Group::kContainer},
    {kSetItems, "SETITEMS", Group::kContainer},
    {kBinFloat, "BINFLOAT", Group::kScalar},
    {kProto, "PROTO", Group::kProtocol},
    {kNewObj, "NEWOBJ", Group::kObject},
    {0x82, "EXT1"},
    {0x83, "EXT2"},
    {0x84, "EXT4"},
    {kTuple1, "TUPLE1", Group::kContainer},
    {kTuple2, "TUPLE2", Group::kContainer},
    {kTuple3, "TUPLE3", Group::kContainer},
    {kNewTrue, "NEWTRUE", Group::kScalar},
    {kNewFalse, "NEWFALSE", Group::kScalar},
    {kLong1, "LONG1", Group::kScalar},
    {0x8b, "LONG4"},
    {kBinBytes, "BINBYTES", Group::kText},
    {kShortBinBytes, "SHORT_BINBYTES", Group::kText},
    {kShortBinUnicode, "SHORT_BINUNICODE", Group::kText},
    {kBinUnicode8, "BINUNICODE8", Group::kText},
    {kBinBytes8, "BINBYTES8", Group::kText},
    {kEmptySet, "EMPTY_SET", Group::kContainer},
    {kAddItems, "ADDITEMS", Group::kContainer},
    {0x91, "FROZENSET"},
    {0x92, "NEWOBJ_EX"},
    {kStackGlobal, "STACK_GLOBAL", Group::kObject},
    {kMemoize, "MEMOIZE", Group::kMemo},
    {kFrame, "FRAME", Group::kFrame},
    {0x96, "BYTEARRAY8"},
    {0x97, "NEXT_BUFFER"},
    {0x98, "READONLY_BUFFER"},
};

// By opcode; one without a name is none.
constexpr std::array<OpcodeInfo, 256> ByOpcode() {
  std::array<OpcodeInfo, 256> table = {};
  for (const OpcodeInfo& info : kOpcodes) table[info.opcode] = info;
  return table;
}

constexpr std::array<OpcodeInfo, 256> kTable = ByOpcode();

}  // namespace

OpcodeGroup GroupOf(unsigned char opcode) { return kTable[opcode].group; }

std::string OpcodeName(unsigned char opcode) {
  const absl::string_view name = kTable[opcode].name;
  return name.empty() ? absl::StrCat("0x", absl::Hex(opcode, absl::kZeroPad2)) : std::string(name);
}

}  // namespace darkroom::convert
