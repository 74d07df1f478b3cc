#include "convert/opcode_reader.h"

#include "absl/strings/str_cat.h"
#include "common/status_macros.h"
#include "convert/pickle_opcodes.h"

namespace darkroom::convert {

absl::Status OpcodeReader::Next() {
  opcode_at_ = position_;
  if (position_ == source_.bytes.size()) return Refuse("the end", "comes before the opcode STOP");
  opcode_ = static_cast<unsigned char>(source_.bytes[position_++]);
  return absl::OkStatus();
}

absl::Status OpcodeReader::Expect(std::uint64_t size) const {
  const std::size_t left = source_.bytes.size() - position_;
  if (size <= left) return absl::OkStatus();
  return RefuseOpcode(absl::StrCat("needs ", size, " bytes where ", left, " are left"));
}

absl::StatusOr<absl::string_view> OpcodeReader::Take(std::uint64_t size) {
  DARKROOM_RETURN_IF_ERROR(Expect(size));
  const absl::string_view taken = source_.bytes.substr(position_, size);
  position_ += size;
  return taken;
}

absl::StatusOr<std::uint64_t> OpcodeReader::TakeNumber(std::size_t width) {
  DARKROOM_ASSIGN_OR_RETURN(const absl::string_view bytes, Take(width));
  std::uint64_t number = 0;
  for (std::size_t i = width; i-- > 0;) {
    number = number << 8 | static_cast<unsigned char>(bytes[i]);
  }
  return number;
}

absl::StatusOr<absl::string_view> OpcodeReader::TakeCounted(std::size_t width) {
  DARKROOM_ASSIGN_OR_RETURN(const std::uint64_t size, TakeNumber(width));
  return Take(size);
}

absl::StatusOr<absl::string_view> OpcodeReader::TakeLine() {
  constexpr std::size_t kLongest = 256;
  const std::size_t end = source_.bytes.substr(position_, kLongest).find('\n');
  if (end == absl::string_view::npos) {
    return RefuseOpcode(absl::StrCat("has no line of at most ", kLongest, " bytes behind it"));
  }
  DARKROOM_ASSIGN_OR_RETURN(const absl::string_view line, Take(end + 1));
  return line.substr(0, end);
}

absl::Status OpcodeReader::Refuse(absl::string_view who, absl::string_view what) const {
  return absl::InvalidArgumentError(
      absl::StrCat(who, " at byte ", source_.base + opcode_at_, " of ", source_.name, " ", what));
}

absl::Status OpcodeReader::RefuseOpcode(absl::string_view what) const {
  return Refuse(absl::StrCat("opcode ", OpcodeName(opcode_)), what);
}

}  // namespace darkroom::convert
