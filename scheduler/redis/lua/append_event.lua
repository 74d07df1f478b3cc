-- Adds a worker's event to the history of a job that it holds.
--
-- ARGV: id, fence, kind, then field, value of each field of the event
-- RETURNS: 'ok' or 'lost'
-- BOUND: constant

local id, fence, kind = ARGV[1], ARGV[2], ARGV[3]
if not holds(id, fence) then return 'lost' end
append(id, kind, unpack(ARGV, 4))
return 'ok'
