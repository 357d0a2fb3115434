/*
 * Typed statistics. See typed.h.
 */
#include "typed.h"

#include <string.h>

enum px_statistics px_statistics_form(const struct px_command *c, unsigned n)
{
    enum px_statistics form = PX_STATISTICS_PLAIN;
    for (; n < c->n; n++) {
        if (!strcmp(c->words[n], "typed"))
            form = PX_STATISTICS_TYPED;
        else if (!strcmp(c->words[n], "json"))
            form = PX_STATISTICS_JSON;
    }
    return form;
}

struct letter {
    char letter;
    const char *name;
};

static const struct letter origins[] = {{'M', "Metric"}, {'S', "Status"},  {'K', "Key"},
                                        {'C', "Config"}, {'P', "Product"}, {0, NULL}};
static const struct letter natures[] = {
    {'A', "Age"},   {'a', "Avg"},  {'C', "Counter"}, {'D', "Duration"}, {'G', "Gauge"},
    {'L', "Limit"}, {'M', "Max"},  {'m', "Min"},     {'N', "Name"},     {'O', "Output"},
    {'R', "Rate"},  {'T', "Time"}, {0, NULL}};
static const struct letter scopes[] = {
    {'C', "Cluster"}, {'P', "Process"}, {'S', "Service"}, {'s', "System"}, {0, NULL}};

static const char *name_of(const struct letter *list, char letter)
{
    while (list->letter && list->letter != letter)
        list++;
    return list->letter ? list->name : "Unknown";
}

void px_typed_text(const struct px_typed *t, const struct px_text *value, struct px_text *out)
{
    px_text_printf(out, "%s:%s:", t->tags, t->type);
    px_text_put(out, value->p, value->len);
}

void px_typed_json(const struct px_typed *t, const struct px_text *value, struct px_text *out)
{
    px_text_printf(out,
                   "\"processNum\":1,\"tags\":{\"origin\":\"%s\",\"nature\":\"%s\","
                   "\"scope\":\"%s\"},\"value\":{\"type\":\"%s\",\"value\":",
                   name_of(origins, t->tags[0]), name_of(natures, t->tags[1]),
                   name_of(scopes, t->tags[2]), t->type);
    if (strcmp(t->type, "str"))
        px_text_put(out, value->p, value->len);
    else
        px_text_json(out, value->p, value->len);
    px_text_put(out, "}", 1);
}
