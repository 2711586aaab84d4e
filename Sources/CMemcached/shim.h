#ifndef LINERNOTES_CMEMCACHED_H
#define LINERNOTES_CMEMCACHED_H
#include <libmemcached/memcached.h>
#endif
