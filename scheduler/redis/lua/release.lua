-- Takes a job back from a worker that drains; the attempt is not counted.
--
-- ARGV: id, fence, retention
-- RETURNS: 'ok', also when this lease has ended in this way before; 'lost'
-- BOUND: constant

local id, fence, retention = ARGV[1], ARGV[2], tonumber(ARGV[3])
local job = redis.call('HMGET', K.job .. id, 'fence', 'lease_end')
if job[1] == fence and job[2] == 'drained' then return 'ok' end
if not holds(id, fence) then return 'lost' end
redis.call('ZREM', K.leases, id)
redis.call('HINCRBY', K.job .. id, 'attempts', -1)
hand_back(id, 'drained', 0, '', '', retention)
return 'ok'
