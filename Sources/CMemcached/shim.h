#ifndef LINERNOTES_CMEMCACHED_H
#define LINERNOTES_CMEMCACHED_H
/* Types and constants only: nothing links with libmemcached. MemcachedLibrary opens it where there are several servers. */
#include <libmemcached/memcached.h>

/* The types of the functions, as the header declares them. */
typedef __typeof__(memcached_behavior_set) *linernotes_memcached_behavior_set;
typedef __typeof__(memcached_create) *linernotes_memcached_create;
typedef __typeof__(memcached_free) *linernotes_memcached_free;
typedef __typeof__(memcached_generate_hash) *linernotes_memcached_generate_hash;
typedef __typeof__(memcached_server_add) *linernotes_memcached_server_add;
typedef __typeof__(memcached_server_add_unix_socket) *linernotes_memcached_server_add_unix_socket;
#endif
