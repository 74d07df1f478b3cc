#ifndef DARKROOM_CONVERT_OPCODE_READER_H_
#define DARKROOM_CONVERT_OPCODE_READER_H_

#include <cstddef>
#include <cstdint>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "convert/pickle_interpreter.h"

namespace darkroom::convert {

// Walks over the bytes of a pickle: the opcodes, and what stands behind each. Nothing is allocated;
// a length is checked against the bytes that are left. Errors are INVALID_ARGUMENT and name the
// opcode and its place.
class OpcodeReader {
 public:
  explicit OpcodeReader(const PickleSource& source) : source_(source) {}

  // The next opcode, which opcode() and the errors mean from then on.
  absl::Status Next();
  unsigned char opcode() const { return opcode_; }
  bool at_beginning() const { return opcode_at_ == 0; }
  std::size_t position() const { return position_; }

  // Little-endian, `width` of at most eight bytes.
  absl::StatusOr<std::uint64_t> TakeNumber(std::size_t width);
  absl::StatusOr<absl::string_view> Take(std::uint64_t size);
  // An error when fewer bytes are left.
  absl::Status Expect(std::uint64_t size) const;
  // A text whose length stands before it in `width` bytes.
  absl::StatusOr<absl::string_view> TakeCounted(std::size_t width);
  // Up to a line feed, of at most 256 bytes.
  absl::StatusOr<absl::string_view> TakeLine();

  // Why the pickle is refused: who (the opcode, a global), where, and what is wrong with it.
  absl::Status Refuse(absl::string_view who, absl::string_view what) const;
  absl::Status RefuseOpcode(absl::string_view what) const;

 private:
  const PickleSource& source_;
  std::size_t position_ = 0;
  std::size_t opcode_at_ = 0;
  unsigned char opcode_ = 0;
};

}  // namespace darkroom::convert

#endif  // DARKROOM_CONVERT_OPCODE_READER_H_
