-- Adds an entry to the audit log.
--
-- ARGV: most entries, then field, value of each field of the entry
-- RETURNS: 'ok'
-- FLAGS: allow-oom
-- BOUND: constant

redis.call('XADD', K.audit, 'MAXLEN', ARGV[1], '*', unpack(ARGV, 2))
return 'ok'
