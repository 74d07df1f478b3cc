-- Leases jobs of some models to a worker in the order of fair_order.h, with their "started" events.
-- Queued jobs whose deadline has passed are expired on the way. A request whose token has leased
-- jobs before gets those of them that are still held, and no others.
--
-- ARGV: worker, limit, lease, retention, token or '', models that are loaded, affinity slack, fill
--       slack, model...
-- RETURNS: {{id, fence, attempt, tenant, model, spec, deadline or ''}...}
-- BOUND: 100 jobs visited, at most 32 models, of each tier that has work

local worker, limit = ARGV[1], tonumber(ARGV[2])
local lease, retention = tonumber(ARGV[3]), tonumber(ARGV[4])
local token = ARGV[5]
local answer = K.answers .. token
local milliseconds = int(math.ceil(lease / 1000))

local leased = {}
local function give(id, fence)
  local job = redis.call('HMGET', K.job .. id, 'attempts', 'tenant', 'model', 'spec', 'deadline')
  redis.call('ZREM', K.leases, id)  -- first, so that memory pressure cannot cost a lease
  redis.call('ZADD', K.leases, int(now + lease), id)
  leased[#leased + 1] = {id, fence, job[1], job[2], job[3], job[4], job[5] or ''}
end

local known = token ~= '' and redis.call('LRANGE', answer, 0, -1) or {}
if #known > 0 then
  for i = 1, #known, 2 do
    if holds(known[i], known[i + 1]) then give(known[i], known[i + 1]) end
  end
  redis.call('PEXPIRE', answer, milliseconds)
  return leased
end

local models, preferred, slack = {}, {}, tonumber(ARGV[7])
for i = 9, #ARGV do
  models[#models + 1] = ARGV[i]
  if i - 8 <= tonumber(ARGV[6]) then preferred[ARGV[i]] = true end
end
if #models == 0 then return leased end

-- The heads of a tier for these models, with what ChooseHead wants of it; nil when it has none.
local looks = {}  -- tier → the same, false when it has none
local function goes_before(a, b)
  return a.start < b.start or (a.start == b.start and a.order < b.order)
end
local function look(tier)
  local heads = {}
  for _, model in ipairs(models) do
    local head = redis.call('ZRANGE', K.heads .. tier .. ':' .. model, 0, 0, 'WITHSCORES')
    if head[1] then
      local order, id, tenant = string.match(head[1], '^(%d+):([^:]*):(.*)$')
      heads[#heads + 1] = {tier = tier, model = model, name = head[1], id = id, tenant = tenant,
                           order = tonumber(order), start = tonumber(head[2])}
    end
  end
  if #heads == 0 then return false end
  return {heads = heads, weight = weight_of(tier),
          clock = tonumber(redis.call('HGET', K.clocks, tier) or '0')}
end

-- ChooseHead of fair_order.cc.
local function choose_in_tier(found, clock_floors)
  local best
  found.least, best = found.heads[1], nil
  for _, head in ipairs(found.heads) do
    if goes_before(head, found.least) then found.least = head end
    if preferred[head.model] and (not best or goes_before(head, best)) then best = head end
  end
  found.pick = best and best.start <= found.least.start + slack and best or found.least
  found.now = math.max(found.clock, clock_floors[found.least.model] or 0)
end

local function comes_before(a, b)
  return a.now < b.now or (a.now == b.now and a.least.order < b.least.order)
end

local function choose(tiers)
  local floors, clock_floors = redis.call('HMGET', K.clock_floors, unpack(models)), {}
  for i, model in ipairs(models) do clock_floors[model] = tonumber(floors[i] or '0') end
  local least
  for _, tier in ipairs(tiers) do
    if looks[tier] == nil then looks[tier] = look(tier) end
    if looks[tier] then
      choose_in_tier(looks[tier], clock_floors)
      if not least or comes_before(looks[tier], least) then least = looks[tier] end
    end
  end
  if not least then return nil end
  local chosen = least
  if not preferred[least.pick.model] then
    for _, tier in ipairs(tiers) do
      local other = looks[tier]
      if other and preferred[other.pick.model] and
          other.now <= least.now + quotient(slack, other.weight) and
          (chosen == least or comes_before(other, chosen)) then
        chosen = other
      end
    end
  end
  return chosen.pick, {least_clock = least.now, least_start = chosen.least.start}
end

-- Leases the job, or does what else has to be done with it.
local function visit(head, chosen)
  local job = fair_job(head.id)
  if not job then
    -- An entry without its job: the hash is the truth.
    detach({id = head.id, tier = head.tier, model = head.model, tenant = head.tenant, cost = 0,
            flow = K.queue .. head.tier .. ':' .. head.model .. ':' .. head.tenant})
    redis.call('ZREM', K.queued, head.id)
    redis.call('ZREM', K.deadlines, head.id)
    return
  end
  local finish = tonumber(redis.call('ZSCORE', K.tags .. job.tier, job.tenant) or '0')
  if finish > head.start then  -- the tenant has been served for another model since
    hide_head(job.tier, job.model, head.name)
    show_head(job.tier, job.model, head.name, finish)
  elseif job.max_running > 0 and
      tonumber(redis.call('HGET', K.running, job.tenant) or '0') >= job.max_running then
    hide_head(job.tier, job.model, head.name)
    redis.call('SADD', K.aside .. job.tenant, job.tier .. ':' .. job.model)
  elseif job.deadline and tonumber(job.deadline) <= now then
    dequeue(job)
    expire(job.id, retention)
  else
    take(job, chosen, models)
    redis.call('ZREM', K.deadlines, job.id)
    local key = K.job .. job.id
    local fence = int(redis.call('HINCRBY', key, 'fence', 1))
    local attempt = redis.call('HINCRBY', key, 'attempts', 1)
    redis.call('HSET', key, 'state', 'RUNNING', 'worker', worker, 'lease_end', '',
               'started', job.started or int(now))
    give(job.id, fence)
    append(job.id, 'started', 'attempt', attempt)
    -- What joins it in a batch.
    preferred, slack = {[job.model] = true}, tonumber(ARGV[8])
    return fence
  end
end

local given = {}  -- id, fence of each
local tiers = redis.call('HKEYS', K.tiers)
for _ = 1, 100 do
  if #leased == limit then break end
  local head, chosen = choose(tiers)
  if not head then break end
  local fence = visit(head, chosen)
  looks[head.tier] = nil
  if fence then
    given[#given + 1] = head.id
    given[#given + 1] = fence
  end
end
if token ~= '' and #given > 0 then
  redis.call('RPUSH', answer, unpack(given))
  redis.call('PEXPIRE', answer, milliseconds)
end
return leased
