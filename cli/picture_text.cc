#include "cli/picture_text.h"

#include <filesystem>
#include <iostream>
#include <system_error>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/file.h"
#include "common/status_macros.h"
#include "common/utf8.h"
#include "infotext/png_text.h"

namespace darkroom::cli {
namespace {

constexpr std::size_t kMaxFileBytes = std::size_t{256} << 20;
constexpr absl::string_view kPngSignature = "\x89PNG";

absl::StatusOr<std::string> ReadStandardInput() {
  std::string content;
  std::vector<char> block(1 << 16);
  while (std::cin) {
    std::cin.read(block.data(), static_cast<std::streamsize>(block.size()));
    content.append(block.data(), static_cast<std::size_t>(std::cin.gcount()));
    if (content.size() > kMaxFileBytes) {
      return absl::ResourceExhaustedError("standard input is too large for a picture");
    }
  }
  return content;
}

}  // namespace

absl::StatusOr<std::string> ExtractPictureText(absl::string_view name, std::string content) {
  const bool png = absl::StartsWith(content, kPngSignature);
  std::string text;
  if (png) {
    absl::StatusOr<std::string> found = infotext::ReadPngParameters(content);
    if (!found.ok()) {
      return absl::Status(found.status().code(),
                          absl::StrCat(name, ": ", found.status().message()));
    }
    text = *std::move(found);
  } else {
    text = std::move(content);
    if (absl::StrContains(text, '\0') || !IsValidUtf8(text)) {
      return absl::InvalidArgumentError(absl::StrCat(
          name,
          " is neither a PNG picture nor a text file in UTF-8; other pictures can be read from"
          " a text file that holds their parameters"));
    }
  }
  if (absl::StripAsciiWhitespace(text).empty()) {
    return absl::NotFoundError(absl::StrCat(name, " holds no generation parameters"));
  }
  if (text.size() > kMaxInfotextBytes) {
    return absl::ResourceExhaustedError(absl::StrCat(name, " holds a text of ", text.size(),
                                                     " bytes, more than the ", kMaxInfotextBytes,
                                                     " that can be read"));
  }
  return text;
}

absl::StatusOr<std::string> ReadPictureText(const std::string& path) {
  if (path == "-") {
    DARKROOM_ASSIGN_OR_RETURN(std::string content, ReadStandardInput());
    return ExtractPictureText("standard input", std::move(content));
  }
  std::error_code error;
  if (std::filesystem::is_directory(path, error)) {
    return absl::InvalidArgumentError(absl::StrCat(path, " is a folder, not a picture"));
  }
  DARKROOM_ASSIGN_OR_RETURN(std::string content, ReadFile(path, kMaxFileBytes));
  return ExtractPictureText(path, std::move(content));
}

}  // namespace darkroom::cli
