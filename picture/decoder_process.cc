#include "picture/decoder_process.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <string>
#include <utility>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/status_macros.h"
#include "picture/header.h"

namespace darkroom::picture {
namespace {

constexpr std::size_t kSizeBytes = 8;
constexpr std::size_t kMostOutput = kSizeBytes + 3 * static_cast<std::size_t>(kMaxPixels);
constexpr std::size_t kMostMessage = 200;

absl::Status Failed(absl::string_view what) {
  return absl::ErrnoToStatus(errno, absl::StrCat("the picture decoder: ", what));
}

// A file descriptor, which closes itself.
class Descriptor {
 public:
  explicit Descriptor(int number = -1) : number_(number) {}
  Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(number_, other.number_);
    return *this;
  }
  ~Descriptor() { Close(); }

  int number() const { return number_; }
  void Close() {
    if (number_ >= 0) close(std::exchange(number_, -1));
  }

 private:
  int number_;
};

// The file as something that a process can have for its standard input.
absl::StatusOr<Descriptor> InMemory(absl::string_view file) {
  Descriptor memory(memfd_create("picture", MFD_CLOEXEC));
  if (memory.number() < 0) return Failed("memfd_create");
  while (!file.empty()) {
    const ssize_t put = write(memory.number(), file.data(), file.size());
    if (put < 0 && errno == EINTR) continue;
    if (put <= 0) return Failed("write");
    file.remove_prefix(static_cast<std::size_t>(put));
  }
  if (lseek(memory.number(), 0, SEEK_SET) != 0) return Failed("lseek");
  return memory;
}

// Everything but these two is closed in the child: libraries open sockets that exec would keep.
absl::StatusOr<pid_t> Spawn(const std::string& program, absl::string_view option, int input,
                            int output) {
  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;
  posix_spawn_file_actions_init(&actions);
  posix_spawnattr_init(&attributes);
  const absl::Cleanup destroy = [&] {
    posix_spawn_file_actions_destroy(&actions);
    posix_spawnattr_destroy(&attributes);
  };
  posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO);
  posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
  posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
  posix_spawn_file_actions_addclosefrom_np(&actions, STDERR_FILENO + 1);
  sigset_t none;
  sigset_t pipe;
  sigemptyset(&none);
  sigemptyset(&pipe);
  sigaddset(&pipe, SIGPIPE);
  posix_spawnattr_setsigmask(&attributes, &none);
  posix_spawnattr_setsigdefault(&attributes, &pipe);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  std::string name = program;
  std::string argument(option);
  char* arguments[] = {name.data(), argument.empty() ? nullptr : argument.data(), nullptr};
  char* environment[] = {nullptr};
  pid_t child = 0;
  errno = posix_spawn(&child, program.c_str(), &actions, &attributes, arguments, environment);
  if (errno != 0) return Failed(program);
  return child;
}

// Reads to the end; false when that takes too long or is too much.
bool ReadAll(int from, absl::Time until, std::string& output) {
  char buffer[1 << 16];
  while (true) {
    const absl::Duration left = until - absl::Now();
    if (left <= absl::ZeroDuration()) return false;
    pollfd ready{.fd = from, .events = POLLIN, .revents = 0};
    const int count = poll(&ready, 1, static_cast<int>(absl::ToInt64Milliseconds(left)) + 1);
    if (count <= 0) continue;
    const ssize_t got = read(from, buffer, sizeof(buffer));
    if (got == 0) return true;
    if (got < 0) continue;
    if (output.size() + static_cast<std::size_t>(got) > kMostOutput) return false;
    output.append(buffer, static_cast<std::size_t>(got));
  }
}

int WaitFor(pid_t child) {
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  return status;
}

int NumberAt(absl::string_view bytes, std::size_t at) {
  std::uint32_t number = 0;
  for (std::size_t i = 4; i-- > 0;) {
    number = number << 8 | static_cast<unsigned char>(bytes[at + i]);
  }
  return static_cast<int>(number);
}

// A message of a process that is not trusted, for people.
std::string Printable(absl::string_view text) {
  std::string shown(text.substr(0, kMostMessage));
  std::replace_if(
      shown.begin(), shown.end(), [](char c) { return c < 0x20 || c == 0x7F; }, ' ');
  return shown;
}

// `Image` has so many bytes a pixel.
template <typename Image>
absl::StatusOr<Image> ToImage(absl::string_view output, std::size_t pixel_bytes) {
  if (output.size() < kSizeBytes) return absl::InternalError("the picture decoder said nothing");
  Image image{.width = NumberAt(output, 0), .height = NumberAt(output, 4), .pixels = {}};
  output.remove_prefix(kSizeBytes);
  if (image.width < 1 || image.height < 1 || image.width > kMaxSide || image.height > kMaxSide ||
      output.size() != pixel_bytes * image.width * image.height) {
    return absl::InternalError("the picture decoder's answer is no picture");
  }
  image.pixels.assign(output.begin(), output.end());
  return image;
}

}  // namespace

DecoderProcess::DecoderProcess(std::filesystem::path program, absl::Duration patience)
    : program_(std::move(program)), patience_(patience) {}

absl::StatusOr<RgbImage> DecoderProcess::Decode(absl::string_view file) const {
  DARKROOM_ASSIGN_OR_RETURN(const std::string output, Ask(file, ""));
  return ToImage<RgbImage>(output, 3);
}

absl::StatusOr<GreyImage> DecoderProcess::DecodeMask(absl::string_view file) const {
  DARKROOM_ASSIGN_OR_RETURN(const std::string output, Ask(file, "--mask"));
  return ToImage<GreyImage>(output, 1);
}

absl::StatusOr<std::string> DecoderProcess::Ask(absl::string_view file,
                                                absl::string_view option) const {
  DARKROOM_ASSIGN_OR_RETURN(const Descriptor input, InMemory(file));
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return Failed("pipe2");
  const Descriptor output_end(ends[0]);
  Descriptor child_end(ends[1]);
  DARKROOM_ASSIGN_OR_RETURN(const pid_t child,
                            Spawn(program_.string(), option, input.number(), child_end.number()));
  child_end.Close();
  std::string output;
  const bool complete = ReadAll(output_end.number(), absl::Now() + patience_, output);
  if (!complete) kill(child, SIGKILL);
  const int status = WaitFor(child);
  if (!complete || WIFSIGNALED(status)) {
    return absl::InvalidArgumentError(
        "cannot be decoded with the time and memory that a picture may take");
  }
  if (WEXITSTATUS(status) == 1) return absl::InvalidArgumentError(Printable(output));
  if (WEXITSTATUS(status) != 0) {
    return absl::InternalError(
        absl::StrCat("the picture decoder ended with ", WEXITSTATUS(status)));
  }
  return output;
}

}  // namespace darkroom::picture
