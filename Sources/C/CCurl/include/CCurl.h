#pragma once
#include <stddef.h>

/// Sends one mail through an SMTP server. Returns 0, or libcurl's code with its words in `failure`.
int kechuang_send_mail(const char *url, const char *user, const char *password, const char *from, const char *to,
                       const char *message, size_t length, long timeout_seconds, char *failure, size_t failure_size);
