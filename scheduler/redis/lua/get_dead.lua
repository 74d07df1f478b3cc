-- A dead letter.
--
-- ARGV: job
-- RETURNS: snapshot, or nil when this is none
-- FLAGS: no-writes
-- BOUND: constant

local id = ARGV[1]
local forgotten = redis.call('ZSCORE', K.dead, id)
if not forgotten or tonumber(forgotten) <= now or redis.call('EXISTS', K.job .. id) == 0 then
  return false
end
return snapshot(id)
