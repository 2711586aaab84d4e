SELECT nextval('cache.revision')
