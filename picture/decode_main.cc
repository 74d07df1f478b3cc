// darkroom-decode: a picture file on standard input becomes pixels on standard output, with nothing
// of the machine at hand that a damaged or malicious file could use up. Started by DecoderProcess.
//
// Writes width and height, 4 bytes each, the lowest first, then the rows of RGB, or of one byte a
// pixel with --mask, and ends with 0; or writes one line that says what is wrong, and ends with 1.

#include <sys/resource.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"
#include "picture/decode.h"
#include "picture/header.h"

namespace {

// The largest picture takes about 300 MiB: its pixels with alpha, turned, and without, and the
// coefficients of a progressive JPEG.
constexpr rlim_t kMemory = rlim_t{768} << 20;
constexpr rlim_t kSeconds = 10;

void Limit(int resource, rlim_t limit) {
  const rlimit both{limit, limit};
  if (setrlimit(static_cast<__rlimit_resource>(resource), &both) != 0) _exit(2);
}

void LimitEverything() {
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)  // which map terabytes
  Limit(RLIMIT_AS, kMemory);
#endif
  Limit(RLIMIT_CPU, kSeconds);
  Limit(RLIMIT_FSIZE, 0);
  Limit(RLIMIT_CORE, 0);
  Limit(RLIMIT_NOFILE, 3);  // no more than it has
}

std::string ReadInput() {
  std::string bytes(darkroom::picture::kMaxFileBytes + 1, '\0');
  std::size_t size = 0;
  while (size < bytes.size()) {
    const ssize_t got = read(STDIN_FILENO, &bytes[size], bytes.size() - size);
    if (got == 0) break;
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) _exit(2);
    size += static_cast<std::size_t>(got);
  }
  bytes.resize(size);
  return bytes;
}

void Write(const void* data, std::size_t size) {
  const char* bytes = static_cast<const char*>(data);
  while (size > 0) {
    const ssize_t put = write(STDOUT_FILENO, bytes, size);
    if (put < 0 && errno == EINTR) continue;
    if (put <= 0) _exit(2);
    bytes += put;
    size -= static_cast<std::size_t>(put);
  }
}

void WriteNumber(int number) {
  for (int shift = 0; shift < 32; shift += 8) {
    const auto byte = static_cast<std::uint8_t>(number >> shift);
    Write(&byte, 1);
  }
}

// Ends the program at once: what runs at exit, as a leak checker does, needs files and memory that
// it has not.
template <typename Image>
[[noreturn]] void Answer(const absl::StatusOr<Image>& image) {
  if (!image.ok()) {
    Write(image.status().message().data(), image.status().message().size());
    _exit(1);
  }
  WriteNumber(image->width);
  WriteNumber(image->height);
  Write(image->pixels.data(), image->pixels.size());
  _exit(0);
}

}  // namespace

int main(int argc, char** argv) {
  LimitEverything();
  if (argc > 1 && absl::string_view(argv[1]) == "--mask") {
    Answer(darkroom::picture::DecodeMask(ReadInput()));
  }
  Answer(darkroom::picture::DecodePicture(ReadInput()));
}
