#include "CCurl.h"
#include <curl/curl.h>
#include <string.h>

struct source {
    const char *bytes;
    size_t left;
};

static size_t give(char *buffer, size_t size, size_t count, void *context) {
    struct source *source = context;
    size_t wanted = size * count;
    size_t given = source->left < wanted ? source->left : wanted;
    memcpy(buffer, source->bytes, given);
    source->bytes += given;
    source->left -= given;
    return given;
}

int kechuang_send_mail(const char *url, const char *user, const char *password, const char *from, const char *to,
                       const char *message, size_t length, long timeout_seconds, char *failure, size_t failure_size) {
    CURL *curl = curl_easy_init();
    if (!curl) return CURLE_FAILED_INIT;
    char words[CURL_ERROR_SIZE] = "";
    struct source source = {message, length};
    struct curl_slist *recipients = curl_slist_append(NULL, to);
    curl_easy_setopt(curl, CURLOPT_URL, url);
    if (user && *user) {
        curl_easy_setopt(curl, CURLOPT_USERNAME, user);
        curl_easy_setopt(curl, CURLOPT_PASSWORD, password);
    }
    curl_easy_setopt(curl, CURLOPT_USE_SSL, (long)CURLUSESSL_TRY);
    curl_easy_setopt(curl, CURLOPT_MAIL_FROM, from);
    curl_easy_setopt(curl, CURLOPT_MAIL_RCPT, recipients);
    curl_easy_setopt(curl, CURLOPT_READFUNCTION, give);
    curl_easy_setopt(curl, CURLOPT_READDATA, &source);
    curl_easy_setopt(curl, CURLOPT_UPLOAD, 1L);
    curl_easy_setopt(curl, CURLOPT_TIMEOUT, timeout_seconds);
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, words);
    CURLcode code = curl_easy_perform(curl);
    if (code != CURLE_OK && failure_size > 0) {
        strncpy(failure, *words ? words : curl_easy_strerror(code), failure_size - 1);
        failure[failure_size - 1] = 0;
    }
    curl_slist_free_all(recipients);
    curl_easy_cleanup(curl);
    return (int)code;
}

struct sink {
    unsigned char *bytes;
    size_t room;
    size_t count;
};

static size_t take(char *buffer, size_t size, size_t count, void *context) {
    struct sink *sink = context;
    size_t given = size * count;
    // Taking less than was given ends the transfer.
    if (given > sink->room - sink->count) return 0;
    memcpy(sink->bytes + sink->count, buffer, given);
    sink->count += given;
    return given;
}

int kechuang_ask(const char *url, const char *form, const char *login, int is_plain, long timeout_seconds,
                 unsigned char *answer, size_t room, size_t *count, long *status) {
    CURL *curl = curl_easy_init();
    if (!curl) return CURLE_FAILED_INIT;
    struct sink sink = {answer, room, 0};
    struct curl_slist *headers = curl_slist_append(NULL, "Accept: application/json");
    curl_easy_setopt(curl, CURLOPT_URL, url);
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, is_plain ? "http" : "https");
    curl_easy_setopt(curl, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    curl_easy_setopt(curl, CURLOPT_SSL_VERIFYPEER, 1L);
    curl_easy_setopt(curl, CURLOPT_SSL_VERIFYHOST, 2L);
    curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L);
    // What is asked without TLS is on this machine, where no proxy leads.
    if (is_plain) curl_easy_setopt(curl, CURLOPT_NOPROXY, "*");
    if (form && *form) curl_easy_setopt(curl, CURLOPT_POSTFIELDS, form);
    if (login && *login) {
        curl_easy_setopt(curl, CURLOPT_HTTPAUTH, (long)CURLAUTH_BASIC);
        curl_easy_setopt(curl, CURLOPT_USERPWD, login);
    }
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(curl, CURLOPT_USERAGENT, "kechuang");
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, &sink);
    curl_easy_setopt(curl, CURLOPT_TIMEOUT, timeout_seconds);
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    CURLcode code = curl_easy_perform(curl);
    if (code == CURLE_OK) curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, status);
    *count = sink.count;
    curl_slist_free_all(headers);
    curl_easy_cleanup(curl);
    return (int)code;
}
