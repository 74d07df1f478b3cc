#ifndef DARKROOM_CONVERT_PICKLE_CALLS_H_
#define DARKROOM_CONVERT_PICKLE_CALLS_H_

#include <cstddef>
#include <vector>

#include "absl/status/statusor.h"
#include "convert/pickle_value.h"

namespace darkroom::convert {

// What the opcodes REDUCE, NEWOBJ, BUILD and BINPERSID would make, for the globals and arguments
// that torch.save writes. All add to `data`; errors are INVALID_ARGUMENT, worded to follow the
// opcode's name: "calls X with ...".

// `arguments` applied to a global. `copied` counts the values that were copied out of a list, for
// the interpreter's limit.
absl::StatusOr<Value> Call(const Global& global, TupleRef arguments, PickleData* data,
                           std::size_t* copied);

// An instance of a class, made without its constructor.
absl::StatusOr<Value> NewObject(const Global& global, TupleRef arguments, PickleData* data);

// Attributes for an object that is there.
absl::Status SetState(const Value& object, const Value& state, PickleData* data);

// The storage that a persistent id means, checked and not yet looked for in `data`:
// ("storage", type, key, location, number of elements), in the legacy format with None behind.
absl::StatusOr<Storage> ReadStorageId(const Value& id, const PickleData& data);

}  // namespace darkroom::convert

#endif  // DARKROOM_CONVERT_PICKLE_CALLS_H_
