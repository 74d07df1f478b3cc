-- The order of the queue, in front of every script behind prelude.lua: what fair_order.h says, with
-- the state of fair_queue.h. A flow is the jobs of a tenant for a model; of each only the head has
-- a start tag, in h:<tier> and h:<tier>:<model>, unless it is set aside because its tenant runs as
-- many jobs as it may.

local FORGOTTEN_A_TAKE = 10   -- fair_queue.cc
local SAMPLED_DEPTHS = {1, 2, 3, 4, 5, 6, 7, 8, 16, 32, 64, 128}  -- fair_queue.cc
local THROUGHPUT_MEMORY = 600 * 1000000  -- Throughput::kMemory

local function quotient(a, b) return (a - a % b) / b end

local function weight_of(tier) return tonumber(redis.call('HGET', K.weights, tier) or '1') end

-- True when it was erased.
local function add_or_erase(key, field, change)
  return redis.call('HINCRBY', key, field, change) <= 0 and redis.call('HDEL', key, field) == 1
end

-- id and order, nil when the flow is empty
local function head_of(flow)
  local head = redis.call('ZRANGE', flow, '0', '0', 'WITHSCORES')
  return head[1], tonumber(head[2])
end

-- The order comes first and has a fixed width, so that of equal tags the older job goes first.
local function head_name(id, order, tenant)
  return string.format('%016d:%s:%s', order, id, tenant)
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

-- Shows the head of the job's flow, if there is one.
local function show_head_of(job, start)
  local id, order = head_of(job.flow)
  if id then
    show_head(job.tier, job.model, head_name(id, order, job.tenant),
              start or start_of(job.tier, job.model, job.tenant))
  end
end

-- Counts the time since the last call, in which jobs waited, and what a job that has succeeded cost,
-- if any: Throughput of throughput.h.
local function count_throughput(cost)
  local counted = redis.call('HMGET', K.throughput, 'done', 'time', 'last')
  local done, time = tonumber(counted[1] or '0') + cost, tonumber(counted[2] or '0')
  time = time + math.min(math.max(now - tonumber(counted[3] or int(now)), 0), THROUGHPUT_MEMORY)
  if time > THROUGHPUT_MEMORY then done, time = quotient(done, 2), quotient(time, 2) end
  redis.call('HSET', K.throughput, 'done', int(done), 'time', int(time), 'last', int(now))
end

-- Puts the job into its flow and its tier's counts. Returns the flow's head, and how many jobs of the
-- flow are before this one.
local function attach(job)
  local first, order = head_of(job.flow)
  local is_head = not first or job.order < order
  if is_head and first then hide_head(job.tier, job.model, head_name(first, order, job.tenant)) end
  redis.call('ZADD', job.flow, int(job.order), job.id)
  redis.call('HINCRBY', K.depths .. job.tier, redis.call('ZCARD', job.flow), '1')
  if redis.call('HINCRBY', K.tiers, job.tier, '1') == 1 and redis.call('HLEN', K.tiers) == 1 then
    redis.call('HSET', K.throughput, 'last', int(now))
  end
  redis.call('HINCRBY', K.costs, job.tier, int(job.cost))
  redis.call('HSET', K.weights, job.tier, int(job.weight))
  redis.call('HINCRBY', K.waiting, job.tenant, '1')
  local head = head_name(is_head and job.id or first, is_head and job.order or order, job.tenant)
  if not is_head then return head, redis.call('ZRANK', job.flow, job.id) end
  show_head(job.tier, job.model, head, start_of(job.tier, job.model, job.tenant))
  return head, 0
end

-- Takes the job out of them. True when its flow's head was shown and was this one.
local function detach(job)
  local first, order = head_of(job.flow)
  local was_shown = first == job.id and
      hide_head(job.tier, job.model, head_name(first, order, job.tenant))
  local depth = redis.call('ZCARD', job.flow)
  if redis.call('ZREM', job.flow, job.id) == 0 then
    -- An older version has queued it, and reap.lua has given it no place yet.
    redis.call('ZREM', K.queue .. job.model, job.id)
    return false
  end
  add_or_erase(K.depths .. job.tier, depth, '-1')
  add_or_erase(K.waiting, job.tenant, '-1')
  add_or_erase(K.costs, job.tier, int(-job.cost))
  if add_or_erase(K.tiers, job.tier, '-1') and redis.call('HLEN', K.tiers) == 0 then
    count_throughput(0)
  end
  return was_shown
end

-- Jobs of the tier that go before one with `before` > 0 of its own flow and `heads` other heads
-- before it: FairQueue::JobsInTurns.
local function jobs_in_turns(job, before, heads)
  local depths = redis.call('HMGET', K.depths .. job.tier, unpack(SAMPLED_DEPTHS))
  local own, all = redis.call('ZCARD', job.flow), math.max(tonumber(depths[1] or '0'), 1)
  local sum, last, of_last = before, 0, all - 1
  for i, k in ipairs(SAMPLED_DEPTHS) do
    local of_k, apart = tonumber(depths[i] or '0') - (k <= own and 1 or 0), k - last
    local counted = math.min(before - last, apart)
    sum = sum + counted * of_last - quotient((of_last - of_k) * counted * (counted + 1), 2 * apart)
    if before < k then
      local of_next = of_last - quotient((of_last - of_k) * (counted + 1), apart)
      return sum + quotient(heads * (of_next + 1), all)
    end
    last, of_last = k, of_k
  end
  return sum + (before - last) * of_last + quotient(heads * (of_last + 1), all)
end

-- Position, and device time of all that goes first: FairQueue::PlaceOf. `head` is the name of the
-- flow's head, `before` the number of jobs of the flow that are before this one.
local function place(job, head, before)
  local position = redis.call('ZRANK', K.heads .. job.tier, head) or
      redis.call('ZCARD', K.heads .. job.tier)
  if before > 0 then position = jobs_in_turns(job, before, position) end
  local costs, own = redis.call('HGETALL', K.costs), 0
  for i = 1, #costs, 2 do
    if costs[i] == job.tier then own = tonumber(costs[i + 1]) end
  end
  own = quotient(own, tonumber(redis.call('HGET', K.tiers, job.tier) or '1')) * position
  if #costs == 2 then return position, own end
  local ahead, weight = own, weight_of(job.tier)
  for i = 1, #costs, 2 do
    if costs[i] ~= job.tier then
      local share = quotient(own, weight) * weight_of(costs[i])
      ahead = ahead + math.min(tonumber(costs[i + 1]), share)
    end
  end
  return position, ahead
end

-- Lifts the floors of models, which lie in the hash `key` and are known as `floors`.
local function lift(key, floors, models, to)
  local lifted = {}
  for _, model in ipairs(models) do
    if to > floors[model] then
      floors[model] = to
      lifted[#lifted + 1] = model
      lifted[#lifted + 1] = int(to)
    end
  end
  if #lifted > 0 then redis.call('HSET', key, unpack(lifted)) end
end

local function read_floors(key, models)
  local floors = {}
  for i, floor in ipairs(redis.call('HMGET', key, unpack(models))) do
    floors[models[i]] = tonumber(floor or '0')
  end
  return floors
end

-- Charges a job that is leased to who asked for `models`, and takes it from the queue:
-- FairQueue::Take. `clocks` are of the tiers; `floors`, of clocks and by tier of start tags, are
-- those of the models; both follow.
local function take(job, start, chosen, models, clocks, floors)
  redis.call('ZREM', K.queued, job.id)
  clocks[job.tier] = math.max(clocks[job.tier], chosen.least_clock) + quotient(job.cost, job.weight)
  redis.call('HSET', K.clocks, job.tier, int(clocks[job.tier]))
  lift(K.clock_floors, floors.of_clocks, models, chosen.least_clock)
  lift(K.floors .. job.tier, floors[job.tier], models, chosen.least_start)
  local tags = K.tags .. job.tier
  local forgotten = redis.call('ZRANGEBYSCORE', tags, '-inf', int(chosen.least_start),
                               'LIMIT', 0, FORGOTTEN_A_TAKE)
  if #forgotten > 0 then redis.call('ZREM', tags, unpack(forgotten)) end
  redis.call('ZADD', tags, int(start + job.cost), job.tenant)
  redis.call('HINCRBY', K.running, job.tenant, '1')
  detach(job)
  show_head_of(job, math.max(start + job.cost, floors[job.tier][job.model]))
end

-- Shows the heads that were set aside while the tenant ran as many jobs as it may.
local function bring_back(tenant)
  local aside = redis.call('SMEMBERS', K.aside .. tenant)
  if #aside == 0 then return end
  redis.call('DEL', K.aside .. tenant)
  for _, flow in ipairs(aside) do
    local tier, model = string.match(flow, '^([^:]*):(.*)$')
    local id, order = head_of(K.queue .. flow .. ':' .. tenant)
    if id then
      local start, name = int(start_of(tier, model, tenant)), head_name(id, order, tenant)
      redis.call('ZADD', K.heads .. tier, 'NX', start, name)
      redis.call('ZADD', K.heads .. flow, 'NX', start, name)
    end
  end
  redis.call('PUBLISH', K.work, '')
end

-- Corrects the charge of a lease that has ended: FairQueue::EndLease. The caller has removed the
-- lease.
local function settle(job, measured)
  local weight = weight_of(job.tier)
  redis.call('HINCRBY', K.clocks, job.tier,
             int(quotient(measured, weight) - quotient(job.cost, weight)))
  local tags, correction = K.tags .. job.tier, measured - job.cost
  local floor = tonumber(redis.call('HGET', K.floors .. job.tier, job.model) or '0')
  local tag = redis.call('ZSCORE', tags, job.tenant)
  if tag or correction > 0 then
    tag = (tonumber(tag) or floor) + correction
    redis.call('ZADD', tags, int(tag), job.tenant)
  end
  local first, order = head_of(job.flow)
  if first then
    local start, name = int(math.max(tag or 0, floor)), head_name(first, order, job.tenant)
    redis.call('ZADD', K.heads .. job.tier, 'XX', start, name)
    redis.call('ZADD', K.heads .. job.tier .. ':' .. job.model, 'XX', start, name)
  end
  add_or_erase(K.running, job.tenant, '-1')
  bring_back(job.tenant)
end
