-- For this transaction. A plan that serves any time would otherwise expect a third of the table.
SELECT set_config('enable_seqscan', 'off', true), set_config('enable_bitmapscan', 'off', true)
