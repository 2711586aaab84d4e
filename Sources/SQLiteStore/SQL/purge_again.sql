-- Has a purge that is in the queue wait anew: whoever has claimed it lets it stay then.
UPDATE purge SET attempts = 0, not_before = ?3, lease = NULL, leased_until = 0
WHERE id = ?1 AND kind = ?2
