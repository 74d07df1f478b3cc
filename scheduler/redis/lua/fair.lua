-- The order of the queue, in front of every script behind prelude.lua: what fair_order.h says, with
-- the state of fair_queue.h. A flow is the jobs of a tenant for a model; of each only the head has
-- a start tag, in h:<tier> and h:<tier>:<model>, unless it is set aside because its tenant runs as
-- many jobs as it may.

local FORGOTTEN_A_TAKE = 10   -- fair_queue.cc
local DEEPEST_COUNTED = 100   -- fair_queue.cc
local THROUGHPUT_MEMORY = 600 * 1000000  -- Throughput::kMemory

local function quotient(a, b) return (a - a % b) / b end

-- What the order has to know of a job, or nil when there is no such job.
local function fair_job(id)
  local job = redis.call('HMGET', K.job .. id, 'model', 'tenant', 'order', 'cost', 'tier', 'weight',
                         'max_running', 'deadline', 'started')
  if not job[1] then return nil end
  local tier = job[5] or 'standard'  -- of a job that an older version has queued
  return {id = id, tier = tier, model = job[1], tenant = job[2], order = tonumber(job[3]),
          cost = tonumber(job[4]), weight = tonumber(job[6] or '1'),
          max_running = tonumber(job[7] or '0'), deadline = job[8], started = job[9],
          flow = K.queue .. tier .. ':' .. job[1] .. ':' .. job[2]}
end

local function weight_of(tier) return tonumber(redis.call('HGET', K.weights, tier) or '1') end

local function add_or_erase(key, field, change)
  if redis.call('HINCRBY', key, field, change) <= 0 then redis.call('HDEL', key, field) end
end

-- id and order, nil when the flow is empty
local function head_of(flow)
  local head = redis.call('ZRANGE', flow, 0, 0, 'WITHSCORES')
  return head[1], tonumber(head[2])
end

-- The order comes first and has a fixed width, so that of equal tags the older job goes first.
local function head_name(id, order, tenant)
  return string.format('%016.0f:%s:%s', order, id, tenant)
end

local function show_head(tier, model, name, start)
  redis.call('ZADD', K.heads .. tier, int(start), name)
  redis.call('ZADD', K.heads .. tier .. ':' .. model, int(start), name)
end

-- True when it was shown.
local function hide_head(tier, model, name)
  redis.call('ZREM', K.heads .. tier, name)
  return redis.call('ZREM', K.heads .. tier .. ':' .. model, name) == 1
end

local function start_of(tier, model, tenant)
  return math.max(tonumber(redis.call('ZSCORE', K.tags .. tier, tenant) or '0'),
                  tonumber(redis.call('HGET', K.floors .. tier, model) or '0'))
end

local function show_head_of(tier, model, tenant)
  local id, order = head_of(K.queue .. tier .. ':' .. model .. ':' .. tenant)
  if id then
    show_head(tier, model, head_name(id, order, tenant), start_of(tier, model, tenant))
  end
end

-- Counts the time since the last call if jobs wait, and what a job that has succeeded cost, if any:
-- Throughput of throughput.h.
local function count_throughput(cost)
  local counted = redis.call('HMGET', K.throughput, 'done', 'time', 'last')
  local done, time = tonumber(counted[1] or '0'), tonumber(counted[2] or '0')
  if redis.call('HLEN', K.tiers) > 0 then
    done = done + cost
    time = time + math.min(math.max(now - tonumber(counted[3] or int(now)), 0), THROUGHPUT_MEMORY)
  end
  if time > THROUGHPUT_MEMORY then done, time = quotient(done, 2), quotient(time, 2) end
  redis.call('HSET', K.throughput, 'done', int(done), 'time', int(time), 'last', int(now))
end

-- Puts the job into its flow and its tier's counts.
local function attach(job)
  count_throughput(0)
  local first, order = head_of(job.flow)
  local is_head = not first or job.order < order
  if is_head and first then hide_head(job.tier, job.model, head_name(first, order, job.tenant)) end
  redis.call('ZADD', job.flow, int(job.order), job.id)
  redis.call('HINCRBY', K.depths .. job.tier, redis.call('ZCARD', job.flow), 1)
  redis.call('HINCRBY', K.tiers, job.tier, 1)
  redis.call('HINCRBY', K.costs, job.tier, int(job.cost))
  redis.call('HSET', K.weights, job.tier, int(job.weight))
  redis.call('HINCRBY', K.waiting, job.tenant, 1)
  if is_head then show_head_of(job.tier, job.model, job.tenant) end
end

-- Takes the job out of them. Begins with a removal: memory pressure must not keep it.
local function detach(job)
  local first, order = head_of(job.flow)
  local is_head = first == job.id
  local was_shown = is_head and
      hide_head(job.tier, job.model, head_name(first, order, job.tenant))
  local depth = redis.call('ZCARD', job.flow)
  redis.call('ZREM', job.flow, job.id)
  add_or_erase(K.depths .. job.tier, depth, -1)
  add_or_erase(K.tiers, job.tier, -1)
  add_or_erase(K.waiting, job.tenant, -1)
  add_or_erase(K.costs, job.tier, int(-job.cost))
  if was_shown then show_head_of(job.tier, job.model, job.tenant) end
end

-- Position, and device time of all that goes first: FairQueue::PlaceOf.
local function place(job)
  local before = redis.call('ZRANK', job.flow, job.id)
  local first, order = head_of(job.flow)
  local head = redis.call('ZRANK', K.heads .. job.tier, head_name(first, order, job.tenant)) or
      redis.call('ZCARD', K.heads .. job.tier)
  local counted = math.min(before, DEEPEST_COUNTED)
  local position = head
  if before > 0 then
    local wanted = {1, DEEPEST_COUNTED}
    for k = 1, counted + 1 do wanted[k + 2] = k end
    local depths = redis.call('HMGET', K.depths .. job.tier, unpack(wanted))
    for i, depth in ipairs(depths) do depths[i] = tonumber(depth or '0') end
    position = (before - counted) * depths[2] +
        quotient(head * depths[counted + 3], math.max(depths[1], 1))
    for k = 1, counted do position = position + depths[k + 2] end
  end
  local costs = redis.call('HGETALL', K.costs)
  local weight = weight_of(job.tier)
  local queued = tonumber(redis.call('HGET', K.tiers, job.tier) or '1')
  local own = tonumber(redis.call('HGET', K.costs, job.tier) or '0')
  own = quotient(own, queued) * position
  local ahead = own
  for i = 1, #costs, 2 do
    if costs[i] ~= job.tier then
      local share = quotient(own, weight) * weight_of(costs[i])
      ahead = ahead + math.min(tonumber(costs[i + 1]), share)
    end
  end
  return position, ahead
end

local function lift(key, models, to)
  local floors = redis.call('HMGET', key, unpack(models))
  local lifted = {}
  for i, model in ipairs(models) do
    if to > tonumber(floors[i] or '0') then
      lifted[#lifted + 1] = model
      lifted[#lifted + 1] = int(to)
    end
  end
  if #lifted > 0 then redis.call('HSET', key, unpack(lifted)) end
end

-- Charges a job that is leased to who asked for `models`, and takes it from the queue:
-- FairQueue::Take, with the floors that `choose` has found.
local function take(job, chosen, models)
  local name = head_name(job.id, job.order, job.tenant)
  local start = tonumber(redis.call('ZSCORE', K.heads .. job.tier, name))
  redis.call('ZREM', K.queued, job.id)  -- a removal first
  count_throughput(0)
  local weight = weight_of(job.tier)
  local clock = math.max(tonumber(redis.call('HGET', K.clocks, job.tier) or '0'),
                         chosen.least_clock)
  redis.call('HSET', K.clocks, job.tier, int(clock + quotient(job.cost, weight)))
  lift(K.clock_floors, models, chosen.least_clock)
  lift(K.floors .. job.tier, models, chosen.least_start)
  local tags = K.tags .. job.tier
  for _, tenant in ipairs(redis.call('ZRANGEBYSCORE', tags, '-inf', int(chosen.least_start),
                                     'LIMIT', 0, FORGOTTEN_A_TAKE)) do
    redis.call('ZREM', tags, tenant)
  end
  redis.call('ZADD', tags, int(start + job.cost), job.tenant)
  redis.call('HINCRBY', K.running, job.tenant, 1)
  detach(job)
end

-- Corrects the charge of a lease that has ended: FairQueue::EndLease. The caller has removed the
-- lease.
local function settle(job, measured)
  local weight = weight_of(job.tier)
  local change = quotient(measured, weight) - quotient(job.cost, weight)
  redis.call('HINCRBY', K.clocks, job.tier, int(change))
  local tags, correction = K.tags .. job.tier, measured - job.cost
  if redis.call('ZSCORE', tags, job.tenant) then
    redis.call('ZINCRBY', tags, int(correction), job.tenant)
  elseif correction > 0 then
    local floor = tonumber(redis.call('HGET', K.floors .. job.tier, job.model) or '0')
    redis.call('ZADD', tags, int(floor + correction), job.tenant)
  end
  local first, order = head_of(job.flow)
  if first and hide_head(job.tier, job.model, head_name(first, order, job.tenant)) then
    show_head_of(job.tier, job.model, job.tenant)
  end
  add_or_erase(K.running, job.tenant, -1)
  local aside = redis.call('SMEMBERS', K.aside .. job.tenant)
  if #aside == 0 then return end
  redis.call('DEL', K.aside .. job.tenant)
  for _, flow in ipairs(aside) do
    local tier, model = string.match(flow, '^([^:]*):(.*)$')
    local id, order = head_of(K.queue .. flow .. ':' .. job.tenant)
    if id and not redis.call('ZSCORE', K.heads .. tier, head_name(id, order, job.tenant)) then
      show_head_of(tier, model, job.tenant)
    end
  end
  redis.call('PUBLISH', K.work, '')
end
