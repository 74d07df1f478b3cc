# Writes the C++ source that holds a file: cmake -DFILE=<file> -DOUT=<file.cc> -P embed_bytes.cmake

file(READ "${FILE}" hex HEX)
string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${hex}")
string(REGEX REPLACE "((0x..,){16})" "\\1\n    " bytes "${bytes}")
file(WRITE "${OUT}" "// Made by embed_bytes.cmake.

#include \"server/rest/api_descriptors.h\"

namespace darkroom::server::rest {
namespace {

constexpr unsigned char kBytes[] = {
    ${bytes}
};

}  // namespace

absl::string_view ApiDescriptorBytes() {
  return {reinterpret_cast<const char*>(kBytes), sizeof(kBytes)};
}

}  // namespace darkroom::server::rest
")
