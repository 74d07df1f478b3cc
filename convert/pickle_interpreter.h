#ifndef DARKROOM_CONVERT_PICKLE_INTERPRETER_H_
#define DARKROOM_CONVERT_PICKLE_INTERPRETER_H_

#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "convert/pickle_value.h"

namespace darkroom::convert {

// Reads a pickle, the program of a small stack machine, as the description of data that it is
// (Python's pickletools documents every opcode). Nothing is imported, called or executed: a global
// is a word out of a fixed list (pickle_globals.h), and "calling" one checks its arguments and
// notes what they describe (pickle_calls.h).
//
// Understood are the opcodes of protocols 2 to 4 that torch.save writes. Any other opcode or global
// ends the reading.

// Limits: time is linear in the number of steps; memory is at most some 100 bytes a step.
inline constexpr std::size_t kMaxPickleBytes = std::size_t{64} << 20;
// One step an opcode and one a value that is copied. A training checkpoint of Stable Diffusion
// takes a quarter of a million.
inline constexpr std::size_t kMaxPickleSteps = std::size_t{4} << 20;

struct PickleSource {
  absl::string_view bytes;  // begins with the pickle and outlives what is read from it
  std::string name;         // of the file, for messages: "archive/data.pkl"
  std::uint64_t base = 0;   // where in that file `bytes` begin
};

struct Pickle {
  PickleData data;
  std::size_t size = 0;  // the bytes of `source` up to and with the opcode STOP
};

// INVALID_ARGUMENT with what was found and where: `opcode INST at byte 2 of data.pkl is none that
// tensors need`. RESOURCE_EXHAUSTED above the limits.
absl::StatusOr<Pickle> ReadPickle(const PickleSource& source);

}  // namespace darkroom::convert

#endif  // DARKROOM_CONVERT_PICKLE_INTERPRETER_H_
