#ifndef LINERNOTES_CZLIB_H
#define LINERNOTES_CZLIB_H
#include <zlib.h>
#endif
