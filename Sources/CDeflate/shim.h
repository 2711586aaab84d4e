#ifndef LINERNOTES_CDEFLATE_H
#define LINERNOTES_CDEFLATE_H
#include <libdeflate.h>
#endif
