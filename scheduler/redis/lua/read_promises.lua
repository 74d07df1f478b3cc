-- How far promises were off that were counted in this window and the one before.
--
-- ARGV: window
-- RETURNS: {fields and counts of this window, the same of the one before}; a field is
--          "<tier>:<bucket>"
-- FLAGS: no-writes
-- BOUND: 30 buckets of each tier that jobs were counted of, twice

local number = quotient(now, tonumber(ARGV[1]))
return {redis.call('HGETALL', K.promises .. int(number)),
        redis.call('HGETALL', K.promises .. int(number - 1))}
