#ifndef LINERNOTES_CCURL_H
#define LINERNOTES_CCURL_H
/* Types and constants only: nothing links with libcurl, whose loading costs more than all else at start. It is opened
   when the first request is made (CurlLibrary), and these are the variadic calls through the symbols found there. */
#define CURL_DISABLE_TYPECHECK 1
#include <curl/curl.h>

typedef CURLcode (*linernotes_curl_easy_variadic)(CURL *, CURLoption, ...);
typedef CURLcode (*linernotes_curl_info_variadic)(CURL *, CURLINFO, ...);
typedef CURLMcode (*linernotes_curl_multi_variadic)(CURLM *, CURLMoption, ...);
typedef size_t (*linernotes_curl_receiver)(char *, size_t, size_t, void *);

static inline CURLcode linernotes_curl_set_long(void *setopt, CURL *handle, CURLoption option, long value) {
  return ((linernotes_curl_easy_variadic)setopt)(handle, option, value);
}
static inline CURLcode linernotes_curl_set_offset(void *setopt, CURL *handle, CURLoption option, curl_off_t value) {
  return ((linernotes_curl_easy_variadic)setopt)(handle, option, value);
}
static inline CURLcode linernotes_curl_set_pointer(void *setopt, CURL *handle, CURLoption option, const void *value) {
  return ((linernotes_curl_easy_variadic)setopt)(handle, option, value);
}
static inline CURLcode linernotes_curl_set_receiver(
    void *setopt, CURL *handle, CURLoption option, linernotes_curl_receiver value) {
  return ((linernotes_curl_easy_variadic)setopt)(handle, option, value);
}
static inline CURLcode linernotes_curl_get_pointer(void *getinfo, CURL *handle, CURLINFO info, const void **value) {
  return ((linernotes_curl_info_variadic)getinfo)(handle, info, value);
}
static inline CURLcode linernotes_curl_get_long(void *getinfo, CURL *handle, CURLINFO info, long *value) {
  return ((linernotes_curl_info_variadic)getinfo)(handle, info, value);
}
static inline CURLcode linernotes_curl_get_offset(void *getinfo, CURL *handle, CURLINFO info, curl_off_t *value) {
  return ((linernotes_curl_info_variadic)getinfo)(handle, info, value);
}
static inline CURLMcode linernotes_curl_set_multi(void *setopt, CURLM *handle, CURLMoption option, long value) {
  return ((linernotes_curl_multi_variadic)setopt)(handle, option, value);
}

/* Newer or older than the names that a particular curl.h has for them, but with numbers that never change. */
static const CURLoption LINERNOTES_CURLOPT_PROTOCOLS = (CURLoption)(CURLOPTTYPE_LONG + 181);
static const CURLoption LINERNOTES_CURLOPT_REDIR_PROTOCOLS = (CURLoption)(CURLOPTTYPE_LONG + 182);
static const CURLoption LINERNOTES_CURLOPT_QUICK_EXIT = (CURLoption)(CURLOPTTYPE_LONG + 322);
static const long LINERNOTES_CURLPROTO_HTTP = 1;
static const long LINERNOTES_CURLPROTO_HTTPS = 2;
#endif
