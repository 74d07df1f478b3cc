#include "worker/engine/batch_policy.h"

#include <algorithm>
#include <map>
#include <tuple>

namespace darkroom::worker {
namespace {

using Indices = std::vector<std::size_t>;

// How urgent a key's batch is: the longest wait, weighted 1 to 2 by how full it would be.
double Urgency(absl::Span<const WaitingRow> rows, const Indices& members, int cap,
               std::int64_t now) {
  std::int64_t longest = 0;
  for (std::size_t i : members) longest = std::max(longest, now - rows[i].last_served);
  const double fill = std::min(1.0, static_cast<double>(members.size()) / cap);
  return static_cast<double>(longest) * (1.0 + fill);
}

int MostUrgentKey(absl::Span<const WaitingRow> rows, const std::map<int, Indices>& by_key,
                  absl::Span<const int> max_rows, std::int64_t now) {
  int best = by_key.begin()->first;
  double best_urgency = -1;
  for (const auto& [key, members] : by_key) {
    const double urgency = Urgency(rows, members, max_rows[key], now);
    if (urgency > best_urgency) {
      best = key;
      best_urgency = urgency;
    }
  }
  return best;
}

// The rows of each job, those that wait longest first; the jobs in the same order.
std::vector<Indices> OldestJobsFirst(absl::Span<const WaitingRow> rows, const Indices& members) {
  std::map<int, Indices> by_job;
  for (std::size_t i : members) by_job[rows[i].job].push_back(i);
  std::vector<Indices> jobs;
  for (auto& [job, images] : by_job) {
    std::sort(images.begin(), images.end(), [&rows](std::size_t a, std::size_t b) {
      return std::tie(rows[a].last_served, rows[a].calls_done, rows[a].image) <
             std::tie(rows[b].last_served, rows[b].calls_done, rows[b].image);
    });
    jobs.push_back(std::move(images));
  }
  std::sort(jobs.begin(), jobs.end(), [&rows](const Indices& a, const Indices& b) {
    const WaitingRow& x = rows[a.front()];
    const WaitingRow& y = rows[b.front()];
    return std::tie(x.last_served, x.job) < std::tie(y.last_served, y.job);
  });
  return jobs;
}

}  // namespace

std::vector<std::size_t> ChooseRows(absl::Span<const WaitingRow> rows,
                                    absl::Span<const int> max_rows, std::int64_t now) {
  if (rows.empty()) return {};
  std::map<int, Indices> by_key;
  for (std::size_t i = 0; i < rows.size(); ++i) by_key[rows[i].key].push_back(i);
  const int key = MostUrgentKey(rows, by_key, max_rows, now);
  std::size_t room = static_cast<std::size_t>(max_rows[key]);

  Indices chosen;
  const auto take = [&chosen, &room](const Indices& images) {
    const std::size_t count = std::min(room, images.size());
    chosen.insert(chosen.end(), images.begin(), images.begin() + count);
    room -= count;
  };
  std::vector<Indices> left_over;
  for (Indices& images : OldestJobsFirst(rows, by_key[key])) {
    // The first job takes part even when it does not fit whole, else it could wait for ever.
    if (chosen.empty() || images.size() <= room) {
      take(images);
    } else {
      left_over.push_back(std::move(images));
    }
  }
  for (const Indices& images : left_over) take(images);
  return chosen;
}

}  // namespace darkroom::worker
