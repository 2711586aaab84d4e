#ifndef LINERNOTES_CFCGI_H
#define LINERNOTES_CFCGI_H
#include <fcgiapp.h>
#endif
