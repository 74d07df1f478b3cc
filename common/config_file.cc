#include "common/config_file.h"

#include <toml++/toml.h>

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "common/file.h"

namespace darkroom {
namespace {

constexpr std::size_t kMaxConfigBytes = std::size_t{1} << 20;
constexpr absl::string_view kTables[] = {"gateway", "scheduler", "worker"};

// Abseil's is a type of its own in some distributions.
absl::string_view View(std::string_view text) { return {text.data(), text.size()}; }

int LineOf(const toml::node& node) { return static_cast<int>(node.source().begin.line); }

// The shortest text that reads as this number.
std::string NumberText(double number) {
  char digits[64];
  return {digits, std::to_chars(digits, digits + sizeof(digits), number).ptr};
}

// Nothing for an array, a table, a date or a time.
std::optional<std::string> ScalarText(const toml::node& node) {
  if (const auto* text = node.as_string()) return text->get();
  if (const auto* flag = node.as_boolean()) return flag->get() ? "true" : "false";
  if (const auto* whole = node.as_integer()) return absl::StrCat(whole->get());
  if (const auto* number = node.as_floating_point()) return NumberText(number->get());
  return std::nullopt;
}

// Collects the entries of one file.
class Reader {
 public:
  explicit Reader(absl::string_view path) : path_(path) {}

  void TakeAll(const toml::table& file);
  template <typename... Words>
  void Complain(int line, const Words&... words) {
    file_.complaints.push_back(absl::StrCat(path_, ":", line, ": ", words...));
  }
  ConfigFile Finished() &&;

 private:
  void TakeTable(absl::string_view name, const toml::table& table);
  void Take(absl::string_view table, absl::string_view key, const toml::node& node);
  // Nothing, and a complaint, when it has something else than values for a flag.
  std::optional<std::string> ListText(absl::string_view key, const toml::array& array);

  const absl::string_view path_;
  ConfigFile file_;
};

void Reader::TakeAll(const toml::table& file) {
  for (const auto& [key, node] : file) {
    const absl::string_view name = View(key.str());
    if (const toml::table* table = node.as_table()) {
      TakeTable(name, *table);
    } else {
      Take("", name, node);
    }
  }
}

void Reader::TakeTable(absl::string_view name, const toml::table& table) {
  if (std::find(std::begin(kTables), std::end(kTables), name) == std::end(kTables)) {
    return Complain(LineOf(table), "no process has the table [", name, "]; there are [",
                    absl::StrJoin(kTables, "], ["), "]");
  }
  for (const auto& [key, node] : table) Take(name, View(key.str()), node);
}

void Reader::Take(absl::string_view table, absl::string_view key, const toml::node& node) {
  const toml::array* array = node.as_array();
  const std::optional<std::string> value =
      array != nullptr ? ListText(key, *array) : ScalarText(node);
  if (value.has_value()) {
    file_.entries.push_back({.table = std::string(table),
                             .key = std::string(key),
                             .value = *value,
                             .is_list = array != nullptr,
                             .line = LineOf(node)});
  } else if (array == nullptr) {
    Complain(LineOf(node), key, " is ", node.is_table() ? "a table" : "a date or a time",
             "; write text in quotes, a number, true, false or an array of these");
  }
}

std::optional<std::string> Reader::ListText(absl::string_view key, const toml::array& array) {
  std::vector<std::string> elements;
  for (const toml::node& node : array) {
    const std::optional<std::string> text = ScalarText(node);
    if (!text.has_value() || text->empty() || text->find(',') != std::string::npos) {
      Complain(LineOf(node), "an element of ", key,
               " is empty, has a comma in it, or is no text, number, true or false");
      return std::nullopt;
    }
    elements.push_back(*text);
  }
  return absl::StrJoin(elements, ",");
}

ConfigFile Reader::Finished() && {
  std::stable_sort(file_.entries.begin(), file_.entries.end(),
                   [](const ConfigEntry& a, const ConfigEntry& b) { return a.line < b.line; });
  return std::move(file_);
}

}  // namespace

ConfigFile ParseConfig(absl::string_view path, absl::string_view toml) {
  Reader reader(path);
  try {
    reader.TakeAll(toml::parse(std::string_view(toml.data(), toml.size())));
  } catch (const toml::parse_error& error) {
    reader.Complain(static_cast<int>(error.source().begin.line),
                    "is not TOML: ", View(error.description()));
  }
  return std::move(reader).Finished();
}

ConfigFile ReadConfig(const std::string& path) {
  const absl::StatusOr<std::string> text = ReadFile(path, kMaxConfigBytes);
  if (text.ok()) return ParseConfig(path, *text);
  ConfigFile unreadable;
  unreadable.complaints.push_back(absl::StrCat("--config: ", text.status().message()));
  return unreadable;
}

const ConfigEntry* FindEntry(const ConfigFile& file, absl::string_view table,
                             absl::string_view key) {
  const ConfigEntry* found = nullptr;
  for (const ConfigEntry& entry : file.entries) {
    if (entry.key != key) continue;
    if (entry.table == table) return &entry;
    if (entry.table.empty()) found = &entry;
  }
  return found;
}

std::string TomlText(absl::string_view text) {
  std::string quoted = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte == 0x7f) {
      absl::StrAppendFormat(&quoted, "\\u%04X", byte);
    } else {
      if (c == '"' || c == '\\') quoted.push_back('\\');
      quoted.push_back(c);
    }
  }
  quoted.push_back('"');
  return quoted;
}

}  // namespace darkroom
