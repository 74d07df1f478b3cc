#include "scheduler/core/fair_queue.h"

#include <algorithm>

namespace darkroom::scheduler {
namespace {

constexpr int kForgottenATake = 10;
// Jobs of one flow for which it is looked up how many flows have as many; in between those numbers
// are taken to fall evenly.
constexpr std::int64_t kSampledDepths[] = {1, 2, 3, 4, 5, 6, 7, 8, 16, 32, 64, 128};

VirtualTime Micros(absl::Duration duration) { return absl::ToInt64Microseconds(duration); }

VirtualTime ValueOr0(const std::map<std::string, VirtualTime>& values, const std::string& key) {
  const auto found = values.find(key);
  return found == values.end() ? 0 : found->second;
}

void Lift(std::map<std::string, VirtualTime>& floors, absl::Span<const std::string> models,
          VirtualTime to) {
  for (const std::string& model : models) {
    VirtualTime& floor = floors[model];
    floor = std::max(floor, to);
  }
}

void AddOrErase(std::map<std::string, std::int64_t>& counts, const std::string& key,
                std::int64_t change) {
  std::int64_t& count = counts[key];
  count += change;
  if (count <= 0) counts.erase(key);
}

}  // namespace

void FairQueue::Enqueue(const FairJob& job) {
  Tier& tier = tiers_[job.tier];
  tier.weight = job.weight;
  ++tier.queued;
  tier.cost += Micros(job.cost);
  AddOrErase(queued_, job.tenant, 1);
  const FlowName name(job.model, job.tenant);
  Flow& flow = tier.flows[name];
  const bool is_head = flow.jobs.empty() || job.order < flow.jobs.begin()->first;
  if (is_head) HideHead(tier, name);
  flow.jobs[job.order] = job;
  ++tier.depths[static_cast<std::int64_t>(flow.jobs.size())];
  if (is_head) ShowHead(tier, name, StartOf(tier, name));
}

void FairQueue::Remove(const FairJob& job) {
  Tier& tier = tiers_[job.tier];
  const FlowName name(job.model, job.tenant);
  Flow& flow = tier.flows[name];
  const bool was_shown = flow.start.has_value();
  if (flow.jobs.begin()->first != job.order) return Detach(tier, job);
  HideHead(tier, name);
  Detach(tier, job);
  if (was_shown && tier.flows.count(name) > 0) ShowHead(tier, name, StartOf(tier, name));
}

std::optional<FairPick> FairQueue::Next(const FairRequest& request, int* visits) {
  while (*visits > 0) {
    const Candidates candidates = Collect(request);
    const auto choice = ChooseHead(candidates.tiers, Micros(request.slack));
    if (!choice.has_value()) return std::nullopt;
    --*visits;
    Tier& tier = tiers_[candidates.names[choice->tier]];
    const FlowName& name = candidates.flows[choice->tier][choice->head];
    const Flow& flow = tier.flows[name];
    const FairJob& job = flow.jobs.begin()->second;
    if (request.passed != nullptr && job.version > request.version) {
      request.passed->insert(job.order);
      continue;
    }
    // The tenant may have been served for another model since.
    const VirtualTime finish = ValueOr0(tier.finish, job.tenant);
    if (finish > *flow.start) {
      HideHead(tier, name);
      ShowHead(tier, name, finish);
      continue;
    }
    const auto running = running_.find(job.tenant);
    if (job.max_running > 0 && running != running_.end() && running->second >= job.max_running) {
      HideHead(tier, name);
      set_aside_[job.tenant].insert({job.tier, job.model});
      continue;
    }
    return FairPick{job, choice->least_clock, choice->least_start};
  }
  return std::nullopt;
}

void FairQueue::Take(const FairPick& pick, absl::Span<const std::string> models) {
  const FairJob& job = pick.job;
  Tier& tier = tiers_[job.tier];
  const FlowName name(job.model, job.tenant);
  const VirtualTime start = *tier.flows[name].start;
  tier.clock = StartTag(tier.clock, pick.least_clock) + Micros(job.cost) / tier.weight;
  Lift(clock_floors_, models, pick.least_clock);
  Lift(tier.floors, models, pick.least_start);
  ForgetFinished(tier, pick.least_start);
  SetFinish(tier, job.tenant, start + Micros(job.cost));
  AddOrErase(running_, job.tenant, 1);
  Remove(job);
}

bool FairQueue::EndLease(const FairJob& job, absl::Duration measured) {
  Tier& tier = tiers_[job.tier];
  tier.clock += Micros(measured) / tier.weight - Micros(job.cost) / tier.weight;
  const VirtualTime correction = Micros(measured) - Micros(job.cost);
  const auto finish = tier.finish.find(job.tenant);
  if (finish != tier.finish.end()) {
    SetFinish(tier, job.tenant, finish->second + correction);
  } else if (correction > 0) {
    SetFinish(tier, job.tenant, ValueOr0(tier.floors, job.model) + correction);
  }
  const FlowName own(job.model, job.tenant);
  const auto flow = tier.flows.find(own);
  if (flow != tier.flows.end() && flow->second.start.has_value()) {
    HideHead(tier, own);
    ShowHead(tier, own, StartOf(tier, own));
  }
  AddOrErase(running_, job.tenant, -1);
  const auto aside = set_aside_.find(job.tenant);
  if (aside == set_aside_.end()) return false;
  for (const auto& [tier_name, model] : std::exchange(aside->second, {})) {
    Tier& its_tier = tiers_[tier_name];
    const FlowName name(model, job.tenant);
    if (its_tier.flows.count(name) == 0 || its_tier.flows[name].start.has_value()) continue;
    ShowHead(its_tier, name, StartOf(its_tier, name));
  }
  set_aside_.erase(aside);
  return true;
}

// Every other tenant that has a k-th job comes to it in round k; the last round, which the job is
// in, goes only as far as its tenant's head is.
std::int64_t FairQueue::JobsInTurns(const Tier& tier, const Flow& flow, std::int64_t before,
                                    std::int64_t heads) {
  const auto own = static_cast<std::int64_t>(flow.jobs.size());
  const auto depth = [&tier](std::int64_t k) {
    const auto found = tier.depths.find(k);
    return found == tier.depths.end() ? std::int64_t{0} : found->second;
  };
  const std::int64_t all = depth(1);
  std::int64_t sum = before, last = 0, of_last = all - 1;
  for (const std::int64_t k : kSampledDepths) {
    const std::int64_t of_k = depth(k) - (k <= own ? 1 : 0), apart = k - last;
    const std::int64_t counted = std::min(before - last, apart);
    sum += counted * of_last - (of_last - of_k) * counted * (counted + 1) / (2 * apart);
    if (before < k) {
      const std::int64_t of_next = of_last - (of_last - of_k) * (counted + 1) / apart;
      return sum + heads * (of_next + 1) / all;
    }
    last = k;
    of_last = of_k;
  }
  return sum + (before - last) * of_last + heads * (of_last + 1) / all;
}

QueuePlace FairQueue::PlaceOf(const FairJob& job) const {
  const Tier& tier = tiers_.at(job.tier);
  const Flow& flow = tier.flows.at({job.model, job.tenant});
  const auto before = static_cast<std::int64_t>(flow.jobs.order_of_key(job.order));
  const auto head = static_cast<std::int64_t>(
      flow.start.has_value() ? tier.heads.order_of_key({*flow.start, flow.jobs.begin()->first})
                             : tier.heads.size());
  QueuePlace place;
  place.position = before == 0 ? head : JobsInTurns(tier, flow, before, head);
  const VirtualTime own = tier.cost / tier.queued * place.position;
  place.cost_ahead = absl::Microseconds(own + CostAheadOfOthers(job.tier, own));
  return place;
}

std::int64_t FairQueue::QueuedOf(const std::string& tenant) const {
  const auto found = queued_.find(tenant);
  return found == queued_.end() ? 0 : found->second;
}

FairQueue::Candidates FairQueue::Collect(const FairRequest& request) const {
  Candidates candidates;
  for (const auto& [name, tier] : tiers_) {
    TierHeads heads = {.weight = tier.weight};
    std::vector<FlowName> flows;
    VirtualTime floor = 0;
    std::pair<VirtualTime, std::int64_t> least;
    for (const std::string& model : request.models) {
      const auto of_model = tier.heads_of.find(model);
      if (of_model == tier.heads_of.end()) continue;
      const auto head = std::find_if(
          of_model->second.begin(), of_model->second.end(), [&request](const auto& each) {
            return request.passed == nullptr || request.passed->count(each.first.second) == 0;
          });
      if (head == of_model->second.end()) continue;
      const auto& [tag, flow] = *head;
      const bool preferred = std::find(request.preferred.begin(), request.preferred.end(), model) !=
                             request.preferred.end();
      if (heads.heads.empty() || tag < least) {
        least = tag;
        floor = ValueOr0(clock_floors_, model);
      }
      heads.heads.push_back({.start = tag.first, .order = tag.second, .preferred = preferred});
      flows.push_back(flow);
    }
    if (heads.heads.empty()) continue;
    heads.clock = StartTag(tier.clock, floor);
    candidates.names.push_back(name);
    candidates.tiers.push_back(std::move(heads));
    candidates.flows.push_back(std::move(flows));
  }
  return candidates;
}

VirtualTime FairQueue::StartOf(const Tier& tier, const FlowName& name) const {
  return StartTag(ValueOr0(tier.finish, name.second), ValueOr0(tier.floors, name.first));
}

void FairQueue::ShowHead(Tier& tier, const FlowName& name, VirtualTime start) {
  Flow& flow = tier.flows[name];
  flow.start = start;
  const std::pair<VirtualTime, std::int64_t> tag(start, flow.jobs.begin()->first);
  tier.heads.insert(tag);
  tier.heads_of[name.first][tag] = name;
}

void FairQueue::HideHead(Tier& tier, const FlowName& name) {
  Flow& flow = tier.flows[name];
  if (!flow.start.has_value()) return;
  const std::pair<VirtualTime, std::int64_t> tag(*flow.start, flow.jobs.begin()->first);
  tier.heads.erase(tag);
  tier.heads_of[name.first].erase(tag);
  flow.start.reset();
}

void FairQueue::SetFinish(Tier& tier, const std::string& tenant, VirtualTime finish) {
  const auto earlier = tier.finish.find(tenant);
  if (earlier != tier.finish.end()) tier.finish_order.erase({earlier->second, tenant});
  tier.finish[tenant] = finish;
  tier.finish_order.insert({finish, tenant});
}

// A tag below the floor says no more than none; they would gather with every tenant that ever came.
void FairQueue::ForgetFinished(Tier& tier, VirtualTime floor) {
  for (int i = 0; i < kForgottenATake && !tier.finish_order.empty(); ++i) {
    const auto first = tier.finish_order.begin();
    if (first->first > floor) return;
    tier.finish.erase(first->second);
    tier.finish_order.erase(first);
  }
}

void FairQueue::Detach(Tier& tier, const FairJob& job) {
  const FlowName name(job.model, job.tenant);
  Flow& flow = tier.flows[name];
  const auto depth = static_cast<std::int64_t>(flow.jobs.size());
  if (--tier.depths[depth] == 0) tier.depths.erase(depth);
  flow.jobs.erase(job.order);
  if (flow.jobs.empty()) tier.flows.erase(name);
  --tier.queued;
  tier.cost -= Micros(job.cost);
  AddOrErase(queued_, job.tenant, -1);
}

VirtualTime FairQueue::CostAheadOfOthers(const std::string& own, VirtualTime ahead) const {
  const std::int64_t weight = tiers_.at(own).weight;
  VirtualTime sum = 0;
  for (const auto& [name, tier] : tiers_) {
    if (name != own) sum += std::min(tier.cost, ahead / weight * tier.weight);
  }
  return sum;
}

}  // namespace darkroom::scheduler
