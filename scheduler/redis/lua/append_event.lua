-- Adds a worker's event to the history of a job that it holds.
--
-- ARGV: id, fence, kind, then field, value of each field of the event
-- RETURNS: 'ok' or 'lost'
-- BOUND: constant

local id, fence, kind = ARGV[1], ARGV[2], ARGV[3]
if not holds(id, fence) then return 'lost' end
log(id, redis.call('HINCRBY', K.job .. id, 'sequence', '1'), kind, unpack(ARGV, 4))
redis.call('PUBLISH', K.channel .. id, kind)
return 'ok'
