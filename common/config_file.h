#ifndef DARKROOM_COMMON_CONFIG_FILE_H_
#define DARKROOM_COMMON_CONFIG_FILE_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace darkroom {

// The file of settings of all processes, in TOML 1.0:
//
//   redis = "10.0.0.2:6379"    # before the first table: settings that every process has
//   [gateway]                  # settings of one process, which go before those above
//   listen = "0.0.0.0:50051"
//   [worker]
//   models = ["/srv/models", "/srv/more"]
//   drain_grace = "90s"
//
// Tables are [gateway], [scheduler] and [worker]. A key is the name of a flag; which there are the
// process knows that has them. A value is text, a number, true or false, or, of a flag that takes
// several, an array of these.

struct ConfigEntry {
  std::string table;     // "gateway"; empty: before the first
  std::string key;       // "listen"
  std::string value;     // as it would stand on the command line, arrays with commas
  bool is_list = false;  // it is an array
  int line = 0;          // where its value begins, from 1
};

struct ConfigFile {
  std::vector<ConfigEntry> entries;     // by line
  std::vector<std::string> complaints;  // about all that is none of the above: "PATH:3: ..."
};

// `path` is only for the complaints.
ConfigFile ParseConfig(absl::string_view path, absl::string_view toml);

// Of a file; one that cannot be read has one complaint.
ConfigFile ReadConfig(const std::string& path);

// The value that a process goes by: what its table says, or else what stands before the tables;
// null without both.
const ConfigEntry* FindEntry(const ConfigFile& file, absl::string_view table,
                             absl::string_view key);

// A text as a value of TOML, with its quotes.
std::string TomlText(absl::string_view text);

}  // namespace darkroom

#endif  // DARKROOM_COMMON_CONFIG_FILE_H_
