/*
 * Status codes. See status.h.
 */
#include "status.h"

#include "../base/macros.h"

const char *px_status_reason(unsigned status)
{
    static const struct {
        uint16_t status;
        const char *reason;
    } known[] = {
        {100, "Continue"},
        {101, "Switching Protocols"},
        {102, "Processing"},
        {103, "Early Hints"},
        {200, "OK"},
        {201, "Created"},
        {202, "Accepted"},
        {203, "Non-Authoritative Information"},
        {204, "No Content"},
        {205, "Reset Content"},
        {206, "Partial Content"},
        {207, "Multi-Status"},
        {208, "Already Reported"},
        {226, "IM Used"},
        {300, "Multiple Choices"},
        {301, "Moved Permanently"},
        {302, "Moved Temporarily"},
        {303, "See Other"},
        {304, "Not Modified"},
        {305, "Use Proxy"},
        {307, "Temporary Redirect"},
        {308, "Permanent Redirect"},
        {400, "Bad Request"},
        {401, "Unauthorized"},
        {402, "Payment Required"},
        {403, "Forbidden"},
        {404, "Not Found"},
        {405, "Method Not Allowed"},
        {406, "Not Acceptable"},
        {407, "Proxy Authentication Required"},
        {408, "Request Timeout"},
        {409, "Conflict"},
        {410, "Gone"},
        {411, "Length Required"},
        {412, "Precondition Failed"},
        {413, "Payload Too Large"},
        {414, "URI Too Long"},
        {415, "Unsupported Media Type"},
        {416, "Range Not Satisfiable"},
        {417, "Expectation Failed"},
        {418, "I'm a teapot"},
        {421, "Misdirected Request"},
        {422, "Unprocessable Content"},
        {423, "Locked"},
        {424, "Failed Dependency"},
        {425, "Too Early"},
        {426, "Upgrade Required"},
        {428, "Precondition Required"},
        {429, "Too Many Requests"},
        {431, "Request Header Fields Too Large"},
        {451, "Unavailable For Legal Reasons"},
        {500, "Internal Server Error"},
        {501, "Not Implemented"},
        {502, "Bad Gateway"},
        {503, "Service Unavailable"},
        {504, "Gateway Timeout"},
        {505, "HTTP Version Not Supported"},
        {506, "Variant Also Negotiates"},
        {507, "Insufficient Storage"},
        {508, "Loop Detected"},
        {510, "Not Extended"},
        {511, "Network Authentication Required"},
    };
    for (unsigned i = 0; i < PX_COUNT(known); i++)
        if (known[i].status == status)
            return known[i].reason;
    static const char *const classes[] = {"Informational", "Success", "Redirection",
                                          "Client Error", "Server Error"};
    unsigned class = status / 100 - 1;
    return class < PX_COUNT(classes) ? classes[class] : "Other";
}

static const struct px_name cache_control = {PX_STR("cache-control"), 0};
static const struct px_fmt no_cache = {PX_STR("no-cache"), NULL};
static const struct px_fmt text_html = {PX_STR("text/html"), NULL};
static const struct px_reply_hdr error_hdrs[] = {{&cache_control, &no_cache}};

#define PAGE(status, reason, text)                                                                 \
    "<html><body><h1>" #status " " reason "</h1>\n" text "\n</body></html>\n"

/* X(status, reason, text): the wording is HAProxy's, so that what looks for it finds it. */
#define PAGES(X)                                                                                   \
    X(200, "OK", "Service ready.")                                                                 \
    X(400, "Bad request", "Your browser sent an invalid request.")\
    X(401, "Unauthorized", "You need a valid user and password to access this content.")\
    X(403, "Forbidden", "Request forbidden by administrative rules.")\
    X(404, "Not Found", "The resource could not be found.")\
    X(405, "Method Not Allowed",\
      "A request was made of a resource using a request method not supported by that resource")\
    X(407, "Unauthorized", "You need a valid user and password to access this content.")\
    X(408, "Request Time-out", "Your browser didn't send a complete request in time.")\
    X(410, "Gone", "The resource is no longer available and will not be available again.")\
    X(413, "Payload Too Large", "The request entity exceeds the maximum allowed.")\
    X(421, "Misdirected Request", "Request sent to a non-authoritative server.")\
    X(422, "Unprocessable Content", "The server cannot process the contained instructions.")\
    X(425, "Too Early", "Your browser sent early data.")\
    X(429, "Too Many Requests", "You have sent too many requests in a given amount of time.")\
    X(500, "Internal Server Error", "An internal server error occurred.")\
    X(501, "Not Implemented",\
      ".The server does not support the functionality required to fulfill the request.")\
    X(502, "Bad Gateway", "The server returned an invalid or incomplete response.")\
    X(503, "Service Unavailable", "No server is available to handle this request.")\
    X(504, "Gateway Time-out", "The server didn't respond in time.")

#define BODY(status, reason, text)                                                                 \
    static const struct px_fmt body_##status = {PX_STR(PAGE(status, reason, text)), NULL};
PAGES(BODY)

/* After these the state of the connection is unknown. */
#define CLOSES(status) ((status) == 400 || (status) == 408)

#define REPLY(n, why, text)                                                                        \
    {.status = n,                                                                                  \
     .layout = PX_REPLY_PAGE,                                                                      \
     .close = CLOSES(n),                                                                           \
     .says_close = CLOSES(n),                                                                      \
     .reason = why,                                                                                \
     .type = &text_html,                                                                           \
     .body = &body_##n,                                                                            \
     .hdrs = error_hdrs,                                                                           \
     .nhdrs = 1},
static const struct px_reply pages[] = {PAGES(REPLY)};

const struct px_reply *px_builtin_reply(unsigned status)
{
    for (unsigned i = 0; i < PX_COUNT(pages); i++)
        if (pages[i].status == status)
            return &pages[i];
    return NULL;
}

enum px_error_status px_error_index(unsigned status)
{
#define STATUS(n) n,
    static const uint16_t statuses[] = {PX_ERROR_STATUSES(STATUS)};
    for (unsigned i = 0; i < PX_NERRORS; i++)
        if (statuses[i] == status)
            return (enum px_error_status)i;
    return PX_NERRORS;
}
