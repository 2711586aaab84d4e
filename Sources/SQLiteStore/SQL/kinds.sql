SELECT kind, count(*), count(value), total(length(value)), sum(value IS NOT NULL AND expires <= ?1 AND is_gone = 0)
FROM document
GROUP BY kind
ORDER BY kind
