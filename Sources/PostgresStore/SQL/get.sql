SELECT asked.position, document.expires, document.value
FROM unnest($1::text[], $2::uuid[], $3::bigint[]) WITH ORDINALITY AS asked (kind, id, generation, position)
JOIN cache.document AS document
  ON document.kind = asked.kind AND document.id = asked.id AND document.generation = asked.generation
WHERE document.value IS NOT NULL
