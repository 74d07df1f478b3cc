#include "cli/load/load_report.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <map>
#include <set>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "cli/job_text.h"
#include "google/protobuf/struct.pb.h"

namespace darkroom::cli {
namespace {

using End = LoadResult::End;
using Filter = std::function<bool(const LoadResult&)>;

constexpr int kSlices = 20;
constexpr int kBarColumns = 40;

absl::string_view NameOf(End end) {
  switch (end) {
    case End::kSucceeded:
      return "succeeded";
    case End::kFailed:
      return "failed";
    case End::kRefused:
      return "refused";
    case End::kLost:
      return "lost";
    case End::kUnsent:
      return "unsent";
  }
  return "";
}

// The value that so many percent do not exceed (nearest rank). Not of nothing.
absl::Duration Percentile(std::vector<absl::Duration> sorted, double percent) {
  const auto rank = static_cast<std::size_t>(std::ceil(percent / 100 * sorted.size()));
  return sorted[std::max<std::size_t>(rank, 1) - 1];
}

// The times of those that succeeded, in order.
std::vector<absl::Duration> Sorted(const std::vector<LoadResult>& results, const Filter& filter,
                                   absl::Duration LoadResult::*time) {
  std::vector<absl::Duration> times;
  for (const LoadResult& result : results) {
    if (result.end == End::kSucceeded && filter(result)) times.push_back(result.*time);
  }
  std::sort(times.begin(), times.end());
  return times;
}

std::string Seconds(const std::vector<absl::Duration>& sorted, double percent) {
  if (sorted.empty()) return "-";
  return absl::StrFormat("%.2f", absl::ToDoubleSeconds(Percentile(sorted, percent)));
}

std::vector<std::string> Row(absl::string_view name, const std::vector<LoadResult>& results,
                             const Filter& filter) {
  std::map<End, int> ends;
  for (const LoadResult& result : results) {
    if (filter(result)) ++ends[result.end];
  }
  const std::vector<absl::Duration> waits = Sorted(results, filter, &LoadResult::wait);
  const std::vector<absl::Duration> totals = Sorted(results, filter, &LoadResult::total);
  return {std::string(name),
          absl::StrCat(ends[End::kSucceeded]),
          absl::StrCat(ends[End::kFailed]),
          absl::StrCat(ends[End::kRefused]),
          absl::StrCat(ends[End::kLost] + ends[End::kUnsent]),
          Seconds(waits, 50),
          Seconds(waits, 95),
          Seconds(totals, 50),
          Seconds(totals, 95),
          Seconds(totals, 99),
          Seconds(totals, 100)};
}

// A row for each value of the member, where there are several.
void AddRows(const std::vector<LoadResult>& results, std::string LoadResult::*member,
             std::vector<std::vector<std::string>>& rows) {
  std::set<std::string> values;
  for (const LoadResult& result : results) values.insert(result.*member);
  if (values.size() < 2) return;
  for (const std::string& value : values) {
    rows.push_back(Row(value, results, [&value, member](const LoadResult& result) {
      return result.*member == value;
    }));
  }
}

std::string Reasons(const std::vector<LoadResult>& results) {
  std::map<std::string, int> reasons;
  for (const LoadResult& result : results) {
    if (result.end == End::kSucceeded) continue;
    ++reasons[absl::StrCat(NameOf(result.end), result.reason.empty() ? "" : " ", result.reason)];
  }
  std::string text;
  for (const auto& [reason, count] : reasons)
    absl::StrAppendFormat(&text, "%6d %s\n", count, reason);
  return text.empty() ? "" : absl::StrCat("\nOthers:\n", text);
}

google::protobuf::Value Text(absl::string_view text) {
  google::protobuf::Value value;
  value.set_string_value(std::string(text));
  return value;
}

google::protobuf::Value Number(absl::Duration time) {
  google::protobuf::Value value;
  if (time == absl::InfiniteDuration()) {
    value.set_null_value(google::protobuf::NULL_VALUE);
  } else {
    value.set_number_value(absl::ToDoubleSeconds(time));
  }
  return value;
}

}  // namespace

std::string LatencyTable(const std::vector<LoadResult>& results, absl::Duration elapsed) {
  std::vector<std::vector<std::string>> rows = {{"", "ok", "failed", "refused", "lost", "wait 50 %",
                                                 "95 %", "total 50 %", "95 %", "99 %", "most"}};
  rows.push_back(Row("all", results, [](const LoadResult&) { return true; }));
  AddRows(results, &LoadResult::tenant, rows);
  AddRows(results, &LoadResult::kind, rows);
  const auto done = std::count_if(results.begin(), results.end(), [](const LoadResult& result) {
    return result.end == End::kSucceeded;
  });
  return absl::StrCat(
      TableText(rows),
      absl::StrFormat("\n\n%d jobs were asked for, %.2f a second succeeded. Times are in seconds, "
                      "from when a\njob was due.\n",
                      results.size(), done / absl::ToDoubleSeconds(elapsed)),
      Reasons(results));
}

std::string LatencyPlot(const std::vector<LoadResult>& results, absl::Duration duration) {
  std::vector<std::vector<absl::Duration>> slices(kSlices);
  absl::Duration most = absl::ZeroDuration();
  for (const LoadResult& result : results) {
    if (result.end != End::kSucceeded) continue;
    const auto slice = static_cast<int>(absl::FDivDuration(result.due, duration) * kSlices);
    slices[std::clamp(slice, 0, kSlices - 1)].push_back(result.total);
    most = std::max(most, result.total);
  }
  if (most == absl::ZeroDuration()) return "";
  std::string plot = "Due at       half of them    # half, - 95 % of them\n";
  for (int i = 0; i < kSlices; ++i) {
    std::vector<absl::Duration>& slice = slices[i];
    absl::StrAppendFormat(&plot, "%7.1f s", absl::ToDoubleSeconds(duration * i / kSlices));
    if (slice.empty()) {
      absl::StrAppend(&plot, "            -\n");
      continue;
    }
    std::sort(slice.begin(), slice.end());
    const auto columns = [&](double percent) {
      return static_cast<int>(
          std::ceil(absl::FDivDuration(Percentile(slice, percent), most) * kBarColumns));
    };
    const int half = columns(50);
    absl::StrAppendFormat(&plot, " %10s s  %s%s\n", Seconds(slice, 50), std::string(half, '#'),
                          std::string(columns(95) - half, '-'));
  }
  return plot;
}

std::string ToJsonLines(const std::vector<LoadResult>& results) {
  std::string lines;
  for (const LoadResult& result : results) {
    google::protobuf::Struct line;
    auto& fields = *line.mutable_fields();
    fields["due"] = Number(result.due);
    fields["tenant"] = Text(result.tenant);
    fields["kind"] = Text(result.kind);
    fields["end"] = Text(NameOf(result.end));
    fields["reason"] = Text(result.reason);
    fields["wait"] = Number(result.wait);
    fields["total"] = Number(result.total);
    absl::StrAppend(&lines, ToJson(line, /*pretty=*/false), "\n");
  }
  return lines;
}

}  // namespace darkroom::cli
