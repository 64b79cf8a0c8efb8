#include "cmd/usage.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>


int
usage_check(int argc, char **argv, int min, const char *help)
{
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0) {
            fputs(help, stdout);
            return 0;
        }
    }
    if (argc - 1 < min) {
        fputs(help, stderr);
        return 2;
    }
    return -1;
}


int
usage_wrong(const char *help, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    fputs("vedette: ", stderr);
    vfprintf(stderr, fmt, ap);
    fputs("\n\n", stderr);
    va_end(ap);
    fputs(help, stderr);
    return 2;
}


/* Where "--name" stands, or 0. */
static int
position(int argc, char **argv, const char *name)
{
    for (int i = 1; i < argc; i++) {
        if (strncmp(argv[i], "--", 2) == 0 && strcmp(argv[i] + 2, name) == 0) {
            return i;
        }
    }
    return 0;
}


static void
take(int *argc, char **argv, int at, int n)
{
    for (int i = at; i + n <= *argc; i++) {
        argv[i] = argv[i + n];
    }
    *argc -= n;
}


const char *
usage_option(int *argc, char **argv, const char *name, bool *bad)
{
    int at = position(*argc, argv, name);
    const char *value;

    if (at == 0) {
        return NULL;
    }
    if (at + 1 >= *argc) {
        *bad = true;
        return NULL;
    }
    value = argv[at + 1];
    take(argc, argv, at, 2);
    return value;
}


bool
usage_flag(int *argc, char **argv, const char *name)
{
    int at = position(*argc, argv, name);

    if (at == 0) {
        return false;
    }
    take(argc, argv, at, 1);
    return true;
}


const char *
usage_unknown(int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        if (strncmp(argv[i], "--", 2) == 0) {
            return argv[i];
        }
    }
    return NULL;
}
