-- Adds an entry to the audit log.
--
-- ARGV: most entries, then field, value of each field of the entry
-- RETURNS: 'ok'
-- BOUND: constant

-- A removal first, so that what is done under memory pressure is told, too.
redis.call('XTRIM', K.audit, 'MAXLEN', tonumber(ARGV[1]) - 1)
redis.call('XADD', K.audit, '*', unpack(ARGV, 2))
return 'ok'
