-- Keeps a step of a job that the worker holds, in place of the one before.
--
-- ARGV: id, fence, retention, step
-- RETURNS: 'ok' or 'lost'
-- BOUND: constant

local id, fence, retention, step = unpack(ARGV)
if not holds(id, fence) then return 'lost' end
local key = K.steps .. id
redis.call('HSET', key, 'fence', fence, 'step', step)
redis.call('PEXPIRE', key, int(math.ceil(tonumber(retention) / 1000)))
return 'ok'
