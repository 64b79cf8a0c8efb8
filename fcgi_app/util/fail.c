#include "util/fail.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "util/str.h"


static const char *
wanted(void)
{
    static const char *name;

    if (name == NULL && (name = getenv("VEDETTE_FAIL_POINT")) == NULL) {
        name = "";
    }
    return name;
}


static void
fire(void)
{
    const char *file = getenv("VEDETTE_FAIL_ONCE");
    struct str text = str_of(getenv("VEDETTE_FAIL_SIGNAL"));
    int64_t sig;
    int fd;

    if (file != NULL) {
        fd = open(file, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0600);
        if (fd == -1) {
            return;
        }
        close(fd);
    }
    kill(getpid(), str_i64(text, &sig) ? (int) sig : SIGKILL);
}


void
fail_point(const char *name)
{
    if (strcmp(name, wanted()) == 0) {
        fire();
    }
}


void
fail_point_of(const char *name, const unsigned char id[16])
{
    char text[128];
    int n;

    if (wanted()[0] == '\0') {
        return;
    }
    n = snprintf(text, sizeof(text) - 33, "%s=", name);
    for (int i = 0; i < 16; i++) {
        n += snprintf(text + n, sizeof(text) - (size_t) n, "%02x", id[i]);
    }
    fail_point(text);
}
