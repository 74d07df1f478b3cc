#ifndef DARKROOM_CONVERT_PICKLE_OPCODES_H_
#define DARKROOM_CONVERT_PICKLE_OPCODES_H_

#include <cstdint>
#include <string>

namespace darkroom::convert {

// The opcodes of Python's pickle (Lib/pickletools.py) that the interpreter understands.
enum Opcode : unsigned char {
  kMark = '(',
  kStop = '.',
  kNone = 'N',
  kBinInt = 'J',
  kBinInt1 = 'K',
  kBinInt2 = 'M',
  kBinFloat = 'G',
  kBinString = 'T',
  kShortBinString = 'U',
  kBinUnicode = 'X',
  kBinBytes = 'B',
  kShortBinBytes = 'C',
  kEmptyTuple = ')',
  kTuple = 't',
  kEmptyList = ']',
  kAppend = 'a',
  kAppends = 'e',
  kEmptyDict = '}',
  kSetItem = 's',
  kSetItems = 'u',
  kBinGet = 'h',
  kLongBinGet = 'j',
  kBinPut = 'q',
  kLongBinPut = 'r',
  kGlobal = 'c',
  kReduce = 'R',
  kBuild = 'b',
  kBinPersId = 'Q',
  kProto = 0x80,
  kNewObj = 0x81,
  kTuple1 = 0x85,
  kTuple2 = 0x86,
  kTuple3 = 0x87,
  kNewTrue = 0x88,
  kNewFalse = 0x89,
  kLong1 = 0x8a,
  kShortBinUnicode = 0x8c,
  kBinUnicode8 = 0x8d,
  kBinBytes8 = 0x8e,
  kEmptySet = 0x8f,
  kAddItems = 0x90,
  kStackGlobal = 0x93,
  kMemoize = 0x94,
  kFrame = 0x95
};

enum class OpcodeGroup : std::uint8_t {
  kRefused,
  kScalar,
  kText,
  kContainer,
  kMemo,
  kObject,
  kMark,
  kStop,
  kFrame,
  kProtocol
};

// kRefused for every byte that is not listed above.
OpcodeGroup GroupOf(unsigned char opcode);

// "REDUCE"; for a byte that is no opcode "0x07".
std::string OpcodeName(unsigned char opcode);

}  // namespace darkroom::convert

#endif  // DARKROOM_CONVERT_PICKLE_OPCODES_H_
