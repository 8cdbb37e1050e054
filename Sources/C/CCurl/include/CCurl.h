#pragma once
#include <stddef.h>

/// Sends one mail through an SMTP server. Returns 0, or libcurl's code with its words in `failure`.
int kechuang_send_mail(const char *url, const char *user, const char *password, const char *from, const char *to,
                       const char *message, size_t length, long timeout_seconds, char *failure, size_t failure_size);

/// Asks one address by HTTP: with GET, or with POST where there is a `form` (`application/x-www-form-urlencoded`). Only
/// over HTTPS, whose certificate is checked, or only without where `is_plain`; no redirect is followed. `login` is
/// `name:password`; it and `form` may be empty. Returns 0 with the `status` and the first `count` bytes of `answer`, or
/// libcurl's code, also for an answer of more than `room` bytes.
int kechuang_ask(const char *url, const char *form, const char *login, int is_plain, long timeout_seconds,
                 unsigned char *answer, size_t room, size_t *count, long *status);
