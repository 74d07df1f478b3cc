-- A job as it stands.
--
-- ARGV: tenant, id
-- RETURNS: snapshot, or nil when the tenant has no such job
-- FLAGS: no-writes
-- BOUND: constant

local tenant, id = unpack(ARGV)
if redis.call('HGET', K.job .. id, 'tenant') ~= tenant then return false end
return snapshot(id)
