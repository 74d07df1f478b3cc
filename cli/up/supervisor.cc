#include "cli/up/supervisor.h"

#include <fstream>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/status_macros.h"

namespace darkroom::cli {

absl::Status Supervisor::Add(ProcessSpec spec) {
  auto process = std::make_unique<Supervised>(
      Supervised{std::move(spec), RestartPolicy(options_.restart), std::nullopt, absl::Now()});
  DARKROOM_ASSIGN_OR_RETURN(process->child, ChildProcess::Start(process->spec));
  processes_.push_back(std::move(process));
  return absl::OkStatus();
}

absl::Status Supervisor::Poll() {
  for (const auto& process : processes_) DARKROOM_RETURN_IF_ERROR(Look(*process));
  return absl::OkStatus();
}

absl::Status Supervisor::Look(Supervised& process) {
  if (process.child.has_value()) {
    const std::optional<int> ended = process.child->Poll();
    if (!ended.has_value()) return absl::OkStatus();
    process.child.reset();
    const std::optional<absl::Time> due = process.policy.OnDeath(absl::Now());
    if (!due.has_value()) {
      return absl::AbortedError(
          absl::StrCat("the ", process.spec.name, " keeps ending, at last with ", ExitText(*ended),
                       ". Its log, ", process.spec.log.string(), ", ends so:\n",
                       LogTail(process.spec.log, kLogTailBytes)));
    }
    process.due = *due;
    options_.tell(absl::StrCat("the ", process.spec.name, " ended with ", ExitText(*ended),
                               "; starting it again"));
  }
  if (absl::Now() < process.due) return absl::OkStatus();
  DARKROOM_ASSIGN_OR_RETURN(process.child, ChildProcess::Start(process.spec));
  return absl::OkStatus();
}

void Supervisor::StopAll() {
  while (!processes_.empty()) {
    if (processes_.back()->child.has_value()) processes_.back()->child->Stop(options_.grace);
    processes_.pop_back();
  }
}

std::string LogTail(const std::filesystem::path& log, std::size_t bytes) {
  std::ifstream file(log, std::ios::binary | std::ios::ate);
  if (!file) return "";
  const auto size = static_cast<std::size_t>(file.tellg());
  const std::size_t begin = size > bytes ? size - bytes : 0;
  std::string tail(size - begin, '\0');
  file.seekg(static_cast<std::streamoff>(begin));
  file.read(tail.data(), static_cast<std::streamsize>(tail.size()));
  tail.resize(static_cast<std::size_t>(file.gcount()));
  if (begin > 0) tail.erase(0, tail.find('\n') + 1);  // the first line is cut off
  return tail;
}

}  // namespace darkroom::cli
