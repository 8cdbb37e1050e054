#pragma once
#include <stddef.h>
#include <stdint.h>
/* libFuzzer, which has no header of its own: runs until its options tell it to end, and gives its exit code. */
int LLVMFuzzerRunDriver(int *count, char ***arguments, int (*read)(const uint8_t *bytes, size_t size));
