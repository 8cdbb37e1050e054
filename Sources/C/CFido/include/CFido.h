#pragma once
#include <stddef.h>

/// Bytes of the longest name and of the longest public key that are read.
enum { KECHUANG_CREDENTIAL_ROOM = 1023, KECHUANG_KEY_ROOM = 259 };

/// Reads a new key out of authenticator data (Web Authentication Level 2, 6.1 and 6.5.1): its algorithm of COSE, its
/// name and its public key. `statement` is what it attests of itself in the format `packed`, as CBOR, over the data and
/// the hash of the client data (32 bytes); a `statement_count` of 0 means that it attests nothing. Returns 0; 1 where
/// this is no key of ES256, EdDSA or RS256; 2 where it did not sign the statement itself, for this domain.
int kechuang_key_read(const char *domain, const unsigned char *data, size_t data_count,
                      const unsigned char *client_hash, const unsigned char *statement, size_t statement_count,
                      int *algorithm, unsigned char *credential, size_t *credential_count, unsigned char *key,
                      size_t *key_count);

/// Whether a key signed the authenticator data and the hash of the client data (32 bytes), somebody being present, for
/// this domain: 1 where it did.
int kechuang_key_signed(const char *domain, int algorithm, const unsigned char *key, size_t key_count,
                        const unsigned char *data, size_t data_count, const unsigned char *client_hash,
                        const unsigned char *signature, size_t signature_count);
