#pragma once
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <openssl/hmac.h>
#include <openssl/kdf.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/crypto.h>
#include <openssl/sha.h>

// The one-shot SHA256() of OpenSSL 3 looks its algorithm up by name at every call, which costs more than the hashing of
// a tree node; these contexts live on the stack.
static inline void kechuang_tree_leaf(const void *bytes, size_t count, void *out) {
    const unsigned char prefix = 0;
    SHA256_CTX context;
    SHA256_Init(&context);
    SHA256_Update(&context, &prefix, 1);
    SHA256_Update(&context, bytes, count);
    SHA256_Final((unsigned char *)out, &context);
}

static inline void kechuang_tree_node(const void *left, const void *right, void *out) {
    const unsigned char prefix = 1;
    SHA256_CTX context;
    SHA256_Init(&context);
    SHA256_Update(&context, &prefix, 1);
    SHA256_Update(&context, left, 32);
    SHA256_Update(&context, right, 32);
    SHA256_Final((unsigned char *)out, &context);
}
