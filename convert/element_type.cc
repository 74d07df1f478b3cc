#include "convert/element_type.h"

#include <cstddef>

namespace darkroom::convert {
namespace {

struct ElementInfo {
  absl::string_view name;
  std::uint64_t bytes;
};

// In the order of ElementType.
constexpr ElementInfo kElements[] = {{"BOOL", 1}, {"U8", 1},  {"I8", 1},  {"I16", 2}, {"F16", 2},
                                     {"BF16", 2}, {"I32", 4}, {"F32", 4}, {"F64", 8}, {"I64", 8}};

const ElementInfo& InfoOf(ElementType type) { return kElements[static_cast<std::size_t>(type)]; }

}  // namespace

std::uint64_t ElementBytes(ElementType type) { return InfoOf(type).bytes; }

absl::string_view ElementName(ElementType type) { return InfoOf(type).name; }

}  // namespace darkroom::convert
