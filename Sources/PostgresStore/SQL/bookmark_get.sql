SELECT asked.position, bookmark.value
FROM unnest($1::text[]) WITH ORDINALITY AS asked (name, position)
JOIN cache.bookmark AS bookmark ON bookmark.name = asked.name
