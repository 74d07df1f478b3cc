-- Accepts a job: its hash, its place in the queue, its events 1 (accepted) and 2 (queued).
--
-- ARGV: id, tenant, model, spec, cost, deadline or '', digest, request key or '', most queued jobs
--       (0: any number)
-- RETURNS: {'created', snapshot}; {'existing', snapshot} when the request key or the id is known
--          with the same tenant and digest; {'reused'} when with others; {'full'}
-- BOUND: constant

local id, tenant, model, spec, cost, deadline, digest, request, most = unpack(ARGV)

local function existing(earlier)
  local job = redis.call('HMGET', K.job .. earlier, 'tenant', 'digest')
  if job[1] ~= tenant or job[2] ~= digest then return {'reused'} end
  return {'existing', snapshot(earlier)}
end

if request ~= '' then
  local earlier = redis.call('GET', K.request .. request)
  if earlier and redis.call('EXISTS', K.job .. earlier) == 1 then return existing(earlier) end
end
if redis.call('EXISTS', K.job .. id) == 1 then return existing(id) end
if tonumber(most) > 0 and redis.call('ZCARD', K.queued) >= tonumber(most) then return {'full'} end

local order = int(redis.call('HINCRBY', K.counters, 'order', 1))
redis.call('HSET', K.job .. id, 'tenant', tenant, 'model', model, 'spec', spec, 'cost', cost,
           'digest', digest, 'order', order, 'submitted', int(now), 'fence', 0, 'attempts', 0,
           'crashes', 0, 'cancel', 0, 'sequence', 0, 'lease_end', '')
if deadline ~= '' then redis.call('HSET', K.job .. id, 'deadline', deadline) end
if request ~= '' then
  redis.call('HSET', K.job .. id, 'request', request)
  redis.call('SET', K.request .. request, id)
end
redis.call('ZADD', K.tenant .. tenant, order, id)
append(id, 'accepted')
enqueue(id, 0)
return {'created', snapshot(id)}
