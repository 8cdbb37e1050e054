#include "CFido.h"
#include <fido.h>
#include <fido/eddsa.h>
#include <fido/es256.h>
#include <fido/rs256.h>
#include <openssl/err.h>
#include <string.h>

static const size_t hash_count = 32;

// A public key as the library has it; it has a type for each kind.
struct opened {
    es256_pk_t *es256;
    eddsa_pk_t *eddsa;
    rs256_pk_t *rs256;
};

// NULL where the bytes are no key of the algorithm. The library copies as many as its type has, so that fewer would do
// harm and more be ignored.
static const void *open_key(struct opened *opened, int algorithm, const unsigned char *key, size_t count) {
    switch (algorithm) {
    case COSE_ES256:
        opened->es256 = count == 64 ? es256_pk_new() : NULL;
        return opened->es256 && es256_pk_from_ptr(opened->es256, key, count) == FIDO_OK ? opened->es256 : NULL;
    case COSE_EDDSA:
        opened->eddsa = count == 32 ? eddsa_pk_new() : NULL;
        return opened->eddsa && eddsa_pk_from_ptr(opened->eddsa, key, count) == FIDO_OK ? opened->eddsa : NULL;
    case COSE_RS256:
        opened->rs256 = count == 259 ? rs256_pk_new() : NULL;
        return opened->rs256 && rs256_pk_from_ptr(opened->rs256, key, count) == FIDO_OK ? opened->rs256 : NULL;
    default: return NULL;
    }
}

static void close_key(struct opened *opened) {
    es256_pk_free(&opened->es256);
    eddsa_pk_free(&opened->eddsa);
    rs256_pk_free(&opened->rs256);
}

// The library reads a key of the algorithm that it is told, and of no other.
static fido_cred_t *read_as(int algorithm, const unsigned char *data, size_t count) {
    fido_cred_t *read = fido_cred_new();
    if (read && (fido_cred_set_type(read, algorithm) != FIDO_OK ||
                 fido_cred_set_authdata_raw(read, data, count) != FIDO_OK))
        fido_cred_free(&read);
    return read;
}

static int attests_itself(fido_cred_t *read, const char *domain, const unsigned char *client_hash,
                          const unsigned char *statement, size_t count) {
    return fido_cred_set_rp(read, domain, NULL) == FIDO_OK && fido_cred_set_fmt(read, "packed") == FIDO_OK &&
           fido_cred_set_clientdata_hash(read, client_hash, hash_count) == FIDO_OK &&
           fido_cred_set_attstmt(read, statement, count) == FIDO_OK && fido_cred_verify_self(read) == FIDO_OK;
}

int kechuang_key_read(const char *domain, const unsigned char *data, size_t data_count,
                      const unsigned char *client_hash, const unsigned char *statement, size_t statement_count,
                      int *algorithm, unsigned char *credential, size_t *credential_count, unsigned char *key,
                      size_t *key_count) {
    static const int taken[] = {COSE_ES256, COSE_EDDSA, COSE_RS256};
    struct opened opened = {NULL, NULL, NULL};
    fido_cred_t *read = NULL;
    int result = 1;
    fido_init(0);
    for (size_t i = 0; i < sizeof taken / sizeof *taken && !read; i++) {
        *algorithm = taken[i];
        read = read_as(taken[i], data, data_count);
    }
    if (read) {
        *credential_count = fido_cred_id_len(read);
        *key_count = fido_cred_pubkey_len(read);
        if (*credential_count > 0 && *credential_count <= KECHUANG_CREDENTIAL_ROOM && *key_count <= KECHUANG_KEY_ROOM &&
            open_key(&opened, *algorithm, fido_cred_pubkey_ptr(read), *key_count)) {
            memcpy(credential, fido_cred_id_ptr(read), *credential_count);
            memcpy(key, fido_cred_pubkey_ptr(read), *key_count);
            result = 0;
            if (statement_count > 0 && !attests_itself(read, domain, client_hash, statement, statement_count))
                result = 2;
        }
    }
    close_key(&opened);
    fido_cred_free(&read);
    // Others who use the library on this thread would take what failed here for their own.
    ERR_clear_error();
    return result;
}

int kechuang_key_signed(const char *domain, int algorithm, const unsigned char *key, size_t key_count,
                        const unsigned char *data, size_t data_count, const unsigned char *client_hash,
                        const unsigned char *signature, size_t signature_count) {
    struct opened opened = {NULL, NULL, NULL};
    fido_init(0);
    fido_assert_t *said = fido_assert_new();
    const void *public_key = open_key(&opened, algorithm, key, key_count);
    int right = said && public_key && fido_assert_set_count(said, 1) == FIDO_OK &&
                fido_assert_set_rp(said, domain) == FIDO_OK && fido_assert_set_up(said, FIDO_OPT_TRUE) == FIDO_OK &&
                fido_assert_set_clientdata_hash(said, client_hash, hash_count) == FIDO_OK &&
                fido_assert_set_authdata_raw(said, 0, data, data_count) == FIDO_OK &&
                fido_assert_set_sig(said, 0, signature, signature_count) == FIDO_OK &&
                fido_assert_verify(said, 0, algorithm, public_key) == FIDO_OK;
    close_key(&opened);
    fido_assert_free(&said);
    ERR_clear_error();
    return right;
}
