#include "cli/grid/font_data.h"

// The assembler reads the file; as an array in C++ it would take the compiler seconds.
asm(".pushsection .rodata\n"
    ".balign 16\n"
    ".globl darkroom_font_begin\n"
    ".globl darkroom_font_end\n"
    "darkroom_font_begin:\n"
    ".incbin \"" DARKROOM_FONT_FILE
    "\"\n"
    "darkroom_font_end:\n"
    ".byte 0\n"
    ".popsection\n");

extern "C" {
extern const char darkroom_font_begin[];
extern const char darkroom_font_end[];
}

namespace darkroom::cli {

absl::string_view FontData() {
  return {darkroom_font_begin, static_cast<std::size_t>(darkroom_font_end - darkroom_font_begin)};
}

}  // namespace darkroom::cli
