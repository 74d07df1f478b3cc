-- Says what a worker serves. Models that no worker has announced for `memory` are dropped, and those
-- that this worker served, serves no longer, and no other does.
--
-- ARGV: worker, worker timeout, memory, most models, then id, record of each model
-- RETURNS: 'ok', or 'full' when there would be more models than the pool may have
-- BOUND: most models (at most 100)

local worker, timeout, memory, most = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])

local served = {}
for i = 5, #ARGV, 2 do
  served[ARGV[i]] = true
end

-- True when this worker was the last that served it.
local function given_up(id)
  if served[id] or redis.call('ZREM', K.workers .. id, worker) == 0 then return false end
  redis.call('ZREMRANGEBYSCORE', K.workers .. id, '-inf', int(now - timeout))
  return redis.call('ZCARD', K.workers .. id) == 0
end

local known = {}
local stale = {}
local count = 0
local index = redis.call('ZRANGE', K.models, 0, -1, 'WITHSCORES')
for i = 1, #index, 2 do
  if tonumber(index[i + 1]) + memory <= now or given_up(index[i]) then
    stale[#stale + 1] = index[i]
  else
    known[index[i]] = true
    count = count + 1
  end
end
for _, id in ipairs(stale) do
  if not served[id] then
    redis.call('ZREM', K.models, id)
    redis.call('HDEL', K.records, id)
    redis.call('DEL', K.workers .. id)
  end
end
for i = 5, #ARGV, 2 do
  if not known[ARGV[i]] then count = count + 1 end
end
if count > most then return 'full' end

for i = 5, #ARGV, 2 do
  local id = ARGV[i]
  redis.call('HSET', K.records, id, ARGV[i + 1])
  redis.call('ZADD', K.models, int(now), id)
  redis.call('ZADD', K.workers .. id, int(now), worker)
  redis.call('ZREMRANGEBYSCORE', K.workers .. id, '-inf', int(now - timeout))
end
return 'ok'
