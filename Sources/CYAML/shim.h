#ifndef LINERNOTES_CYAML_H
#define LINERNOTES_CYAML_H
#include <yaml.h>
#endif
