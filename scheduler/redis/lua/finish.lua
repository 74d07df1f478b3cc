-- Ends a leased job with a worker's verdict; one that crashed is handed back instead.
--
-- ARGV: id, fence, kind ('succeeded', 'failed', 'crashed', 'cancelled', 'expired'), result, reason,
--       message, device time, retention
-- RETURNS: 'ok', also when this lease has ended in this way before; 'lost'
-- BOUND: constant

local id, fence, kind, result, reason, message, device_time = unpack(ARGV)
local retention = tonumber(ARGV[8])
local key = K.job .. id
local job = redis.call('HMGET', key, 'fence', 'lease_end')
if job[1] == fence and job[2] == kind then return 'ok' end
if not holds(id, fence) then return 'lost' end

if kind == 'crashed' then
  hand_back(id, kind, reason, message, retention)
  return 'ok'
end
redis.call('ZREM', K.leases, id)
redis.call('HSET', key, 'lease_end', kind)
if kind == 'succeeded' then
  redis.call('HSET', key, 'result', result, 'device_time', device_time)
  finish(id, 'SUCCEEDED', retention)
elseif kind == 'failed' then
  redis.call('HSET', key, 'reason', reason, 'message', message)
  finish(id, 'FAILED', retention)
elseif kind == 'cancelled' then
  finish(id, 'CANCELLED', retention)
else
  expire(id, retention)
end
return 'ok'
