SELECT version FROM cache.layout
