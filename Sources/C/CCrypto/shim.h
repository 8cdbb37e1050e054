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
#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/param_build.h>
#include <openssl/rsa.h>

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

// Public keys as others publish them, by their numbers. Building them takes a dozen calls and as many things to free,
// which C frees in one place.
static inline EVP_PKEY *kechuang_public_key(const char *kind, OSSL_PARAM_BLD *numbers) {
    OSSL_PARAM *parameters = OSSL_PARAM_BLD_to_param(numbers);
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, kind, NULL);
    EVP_PKEY *key = NULL;
    if (!parameters || !context || EVP_PKEY_fromdata_init(context) != 1 ||
        EVP_PKEY_fromdata(context, &key, EVP_PKEY_PUBLIC_KEY, parameters) != 1)
        key = NULL;
    EVP_PKEY_CTX_free(context);
    OSSL_PARAM_free(parameters);
    return key;
}

// An RSA key of a modulus and an exponent, both big-endian; NULL where they are none.
static inline EVP_PKEY *kechuang_rsa_key(const unsigned char *modulus, size_t modulus_count,
                                         const unsigned char *exponent, size_t exponent_count) {
    OSSL_PARAM_BLD *numbers = OSSL_PARAM_BLD_new();
    BIGNUM *n = BN_bin2bn(modulus, (int)modulus_count, NULL), *e = BN_bin2bn(exponent, (int)exponent_count, NULL);
    EVP_PKEY *key = NULL;
    if (numbers && n && e && OSSL_PARAM_BLD_push_BN(numbers, OSSL_PKEY_PARAM_RSA_N, n) == 1 &&
        OSSL_PARAM_BLD_push_BN(numbers, OSSL_PKEY_PARAM_RSA_E, e) == 1)
        key = kechuang_public_key("RSA", numbers);
    OSSL_PARAM_BLD_free(numbers);
    BN_free(n);
    BN_free(e);
    return key;
}

// A key of the curve P-256 of its point: 4 and the two coordinates, 65 bytes; NULL where it does not lie on the curve.
static inline EVP_PKEY *kechuang_p256_key(const unsigned char *point, size_t count) {
    OSSL_PARAM_BLD *numbers = OSSL_PARAM_BLD_new();
    EVP_PKEY *key = NULL;
    if (numbers && OSSL_PARAM_BLD_push_utf8_string(numbers, OSSL_PKEY_PARAM_GROUP_NAME, "P-256", 0) == 1 &&
        OSSL_PARAM_BLD_push_octet_string(numbers, OSSL_PKEY_PARAM_PUB_KEY, point, count) == 1)
        key = kechuang_public_key("EC", numbers);
    OSSL_PARAM_BLD_free(numbers);
    return key;
}

// Whether a signature over SHA-256 of the message was made with the key: of PKCS #1 version 1.5 with a key of RSA, in DER
// with one of a curve. 1 where it was.
static inline int kechuang_verify(EVP_PKEY *key, const unsigned char *signature, size_t signature_count,
                                  const unsigned char *message, size_t message_count) {
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    int right = context && EVP_DigestVerifyInit(context, NULL, EVP_sha256(), NULL, key) == 1 &&
                EVP_DigestVerify(context, signature, signature_count, message, message_count) == 1;
    EVP_MD_CTX_free(context);
    ERR_clear_error();
    return right;
}
