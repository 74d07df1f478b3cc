-- Leases jobs of some models to a worker in the order of order_policy.h, with their "started"
-- events. Queued jobs whose deadline has passed are expired on the way.
--
-- ARGV: worker, limit, lease, retention, model...
-- RETURNS: {{id, fence, attempt, tenant, model, spec, deadline or ''}...}
-- BOUND: 100 jobs visited, at most 32 models

local worker, limit = ARGV[1], tonumber(ARGV[2])
local lease, retention = tonumber(ARGV[3]), tonumber(ARGV[4])

local heads = {}  -- model → {id, order}
local function look(model)
  local head = redis.call('ZRANGE', K.queue .. model, 0, 0, 'WITHSCORES')
  heads[model] = head[1] and {id = head[1], order = tonumber(head[2])} or nil
end
for i = 5, #ARGV do look(ARGV[i]) end

-- The rule of order_policy.h: the lowest order over the heads.
local function next_head()
  local best
  for model, head in pairs(heads) do
    if not best or head.order < heads[best].order then best = model end
  end
  return best
end

local leased = {}
for _ = 1, 100 do
  local model = #leased < limit and next_head()
  if not model then break end
  local id = heads[model].id
  local key = K.job .. id
  local job = redis.call('HMGET', key, 'tenant', 'spec', 'deadline', 'started')
  if not job[1] then
    -- An entry without its job: the hash is the truth.
    redis.call('ZREM', K.queue .. model, id)
    redis.call('ZREM', K.queued, id)
    redis.call('ZREM', K.deadlines, id)
  elseif job[3] and tonumber(job[3]) <= now then
    dequeue(id)
    expire(id, retention)
  else
    dequeue(id)
    local fence = redis.call('HINCRBY', key, 'fence', 1)
    local attempt = redis.call('HINCRBY', key, 'attempts', 1)
    redis.call('HSET', key, 'state', 'RUNNING', 'worker', worker, 'lease_end', '',
               'started', job[4] or int(now))
    redis.call('ZADD', K.leases, int(now + lease), id)
    append(id, 'started', 'attempt', attempt)
    leased[#leased + 1] = {id, fence, attempt, job[1], model, job[2], job[3] or ''}
  end
  look(model)
end
return leased
