-- Leases jobs of some models to a worker in the order of order_policy.h, with their "started"
-- events. Queued jobs whose deadline has passed are expired on the way. A request whose token has
-- leased jobs before gets those of them that are still held, and no others.
--
-- ARGV: worker, limit, lease, retention, token or '', model...
-- RETURNS: {{id, fence, attempt, tenant, model, spec, deadline or ''}...}
-- BOUND: 100 jobs visited, at most 32 models

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

local heads = {}  -- model → {id, order}
local function look(model)
  local head = redis.call('ZRANGE', K.queue .. model, 0, 0, 'WITHSCORES')
  heads[model] = head[1] and {id = head[1], order = tonumber(head[2])} or nil
end
for i = 6, #ARGV do look(ARGV[i]) end

-- The rule of order_policy.h: the lowest order over the heads.
local function next_head()
  local best
  for model, head in pairs(heads) do
    if not best or head.order < heads[best].order then best = model end
  end
  return best
end

local given = {}  -- id, fence of each
for _ = 1, 100 do
  local model = #leased < limit and next_head()
  if not model then break end
  local id = heads[model].id
  local key = K.job .. id
  local job = redis.call('HMGET', key, 'tenant', 'deadline', 'started')
  if not job[1] then
    -- An entry without its job: the hash is the truth.
    redis.call('ZREM', K.queue .. model, id)
    redis.call('ZREM', K.queued, id)
    redis.call('ZREM', K.deadlines, id)
  elseif job[2] and tonumber(job[2]) <= now then
    dequeue(id)
    expire(id, retention)
  else
    dequeue(id)
    local fence = int(redis.call('HINCRBY', key, 'fence', 1))
    local attempt = redis.call('HINCRBY', key, 'attempts', 1)
    redis.call('HSET', key, 'state', 'RUNNING', 'worker', worker, 'lease_end', '',
               'started', job[3] or int(now))
    give(id, fence)
    append(id, 'started', 'attempt', attempt)
    given[#given + 1] = id
    given[#given + 1] = fence
  end
  look(model)
end
if token ~= '' and #given > 0 then
  redis.call('RPUSH', answer, unpack(given))
  redis.call('PEXPIRE', answer, milliseconds)
end
return leased
