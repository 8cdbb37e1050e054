#include "CNear.h"
