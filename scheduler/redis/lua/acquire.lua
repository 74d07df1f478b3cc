-- Leases jobs of some models to a worker in the order of fair_order.h, with their "started" events.
-- Queued jobs whose deadline has passed are expired on the way, and those that ask for a later
-- version than the worker understands are looked past. A request whose token has leased jobs before
-- gets those of them that are still held, and no others.
--
-- ARGV: worker, limit, lease, retention, token or '', models that are loaded, affinity slack, fill
--       slack, highest version of specs that the worker understands, model...
-- RETURNS: {how many jobs were looked past,
--          {id, fence, attempt, tenant, tier, model, spec, time since it was submitted,
--           deadline or '', 1 when a step is saved, traceparent or ''}...}
-- FLAGS: allow-oom
-- BOUND: 100 jobs visited, at most 32 models, of each tier that has work

local worker, limit = ARGV[1], tonumber(ARGV[2])
local lease, retention = tonumber(ARGV[3]), tonumber(ARGV[4])
local token = ARGV[5]
local answer = K.answers .. token
local milliseconds = int(math.ceil(lease / 1000))

local understood = tonumber(ARGV[9])

local leased = {}
local function give(job)
  redis.call('ZADD', K.leases, int(now + lease), job.id)
  local saved = job.fence == 1 and 0 or redis.call('EXISTS', K.steps .. job.id)
  local kept = redis.call('HMGET', K.job .. job.id, 'spec', 'submitted', 'traceparent')
  leased[#leased + 1] = {job.id, int(job.fence), int(job.attempts), job.tenant, job.tier, job.model,
                         kept[1], int(now - tonumber(kept[2] or now)), job.deadline or '', saved,
                         kept[3] or ''}
end

local known = token ~= '' and redis.call('LRANGE', answer, '0', '-1') or {}
if #known > 0 then
  for i = 1, #known, 2 do
    if holds(known[i], known[i + 1]) then give(read_job(known[i])) end
  end
  redis.call('PEXPIRE', answer, milliseconds)
  return {0, unpack(leased)}
end

local models, preferred, slack = {}, {}, tonumber(ARGV[7])
for i = 10, #ARGV do
  models[#models + 1] = ARGV[i]
  if i - 9 <= tonumber(ARGV[6]) then preferred[ARGV[i]] = true end
end
local tiers = redis.call('HKEYS', K.tiers)
if #models == 0 or #tiers == 0 then return {0} end

-- What the order goes by, read once; `take` keeps it true.
local weights, clocks = {}, {}
for i, weight in ipairs(redis.call('HMGET', K.weights, unpack(tiers))) do
  weights[tiers[i]] = tonumber(weight or '1')
end
for i, clock in ipairs(redis.call('HMGET', K.clocks, unpack(tiers))) do
  clocks[tiers[i]] = tonumber(clock or '0')
end
local floors = {of_clocks = read_floors(K.clock_floors, models)}  -- and of tiers, once needed

-- Heads, how many of each tier and model, and of all.
local passed, passed_in, all_passed = {}, {}, 0
local function look_past(head)
  local key = K.heads .. head.tier .. ':' .. head.model
  passed[head.name] = true
  passed_in[key] = (passed_in[key] or 0) + 1
  all_passed = all_passed + 1
end
-- The first that was not looked past, and its start tag.
local function first_head(key)
  local heads = redis.call('ZRANGE', key, '0', passed_in[key] or '0', 'WITHSCORES')
  for i = 1, #heads, 2 do
    if not passed[heads[i]] then return heads[i], tonumber(heads[i + 1]) end
  end
end

local looks = {}  -- tier → model → its head, false when it has none
local function look(tier, model)
  local name, start = first_head(K.heads .. tier .. ':' .. model)
  if not name then return false end
  local order, id, tenant = string.match(name, '^(%d+):([^:]*):(.*)$')
  return {tier = tier, model = model, name = name, id = id, tenant = tenant,
          order = tonumber(order), start = start}
end
for _, tier in ipairs(tiers) do
  looks[tier] = {}
  for _, model in ipairs(models) do looks[tier][model] = look(tier, model) end
end

-- ChooseHead of fair_order.cc. nil when the tier has no head.
local function goes_before(a, b)
  return a.start < b.start or (a.start == b.start and a.order < b.order)
end
local function choose_in_tier(tier)
  local least, best
  for _, model in ipairs(models) do
    local head = looks[tier][model]
    if head then
      if not least or goes_before(head, least) then least = head end
      if preferred[model] and (not best or goes_before(head, best)) then best = head end
    end
  end
  if not least then return nil end
  return {least = least, pick = best and best.start <= least.start + slack and best or least,
          now = math.max(clocks[tier], floors.of_clocks[least.model])}
end

local function comes_before(a, b)
  return a.now < b.now or (a.now == b.now and a.least.order < b.least.order)
end

local function choose()
  local found, least = {}, nil
  for _, tier in ipairs(tiers) do
    local of_tier = choose_in_tier(tier)
    if of_tier then
      found[#found + 1] = of_tier
      if not least or comes_before(of_tier, least) then least = of_tier end
    end
  end
  if not least then return nil end
  local chosen = least
  if not preferred[least.pick.model] then
    for _, other in ipairs(found) do
      if preferred[other.pick.model] and
          other.now <= least.now + quotient(slack, weights[other.pick.tier]) and
          (chosen == least or comes_before(other, chosen)) then
        chosen = other
      end
    end
  end
  return chosen.pick, {least_clock = least.now, least_start = chosen.least.start}
end

-- Leases the job, or does what else has to be done with it.
local function visit(head, chosen)
  local job = read_job(head.id)
  if not job or job.state ~= 'QUEUED' then
    -- An entry without its job, or whose job does not wait: the hash is the truth.
    dequeue({id = head.id, tier = head.tier, model = head.model, tenant = head.tenant,
             cost = job and job.cost or 0,
             flow = K.queue .. head.tier .. ':' .. head.model .. ':' .. head.tenant})
    return
  end
  if job.version > understood then return look_past(head) end
  local finish_tag = tonumber(redis.call('ZSCORE', K.tags .. job.tier, job.tenant) or '0')
  if finish_tag > head.start then  -- the tenant has been served for another model since
    show_head(job.tier, job.model, head.name, finish_tag)
  elseif job.max_running > 0 and
      tonumber(redis.call('HGET', K.running, job.tenant) or '0') >= job.max_running then
    hide_head(job.tier, job.model, head.name)
    redis.call('SADD', K.aside .. job.tenant, job.tier .. ':' .. job.model)
  elseif job.deadline and tonumber(job.deadline) <= now then
    dequeue(job)
    expire(job, retention)
    save(job)
  else
    floors[job.tier] = floors[job.tier] or read_floors(K.floors .. job.tier, models)
    take(job, head.start, chosen, models, clocks, floors)
    if job.deadline then redis.call('ZREM', K.deadlines, job.id) end
    job.fence, job.attempts = job.fence + 1, job.attempts + 1
    set(job, 'state', 'RUNNING')
    set(job, 'fence', int(job.fence))
    set(job, 'attempts', int(job.attempts))
    set(job, 'worker', worker)
    set(job, 'lease_end', '')
    if not job.started then set(job, 'started', int(now)) end
    append(job, 'started', 'attempt', int(job.attempts))
    save(job)
    give(job)
    -- What joins it in a batch.
    preferred, slack = {[job.model] = true}, tonumber(ARGV[8])
    return job.fence
  end
end

local given = {}  -- id, fence of each
for _ = 1, 100 do
  if #leased == limit then break end
  local head, chosen = choose()
  if not head then break end
  local fence = visit(head, chosen)
  looks[head.tier][head.model] = look(head.tier, head.model)
  if fence then
    given[#given + 1] = head.id
    given[#given + 1] = fence
  end
end
if token ~= '' and #given > 0 then
  redis.call('RPUSH', answer, unpack(given))
  redis.call('PEXPIRE', answer, milliseconds)
end
return {all_passed, unpack(leased)}
