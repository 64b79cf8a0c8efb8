#include "util/memory.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DEPTH_MAX 8 /* of process trees that we look through */


int64_t
memory_pss(pid_t pid)
{
    char path[64], line[256];
    long long kib = -1;
    FILE *f;

    snprintf(path, sizeof(path), "/proc/%d/smaps_rollup", (int) pid);
    f = fopen(path, "r");
    if (f == NULL) {
        return -1;
    }
    while (fgets(line, sizeof(line), f) != NULL) {
        if (sscanf(line, "Pss: %lld kB", &kib) == 1) {
            break;
        }
    }
    fclose(f);
    return kib >= 0 ? kib * 1024 : -1;
}


pid_t
memory_parent(pid_t pid)
{
    char path[64], line[512], *end;
    int parent = -1;
    FILE *f;

    snprintf(path, sizeof(path), "/proc/%d/stat", (int) pid);
    f = fopen(path, "r");
    if (f == NULL) {
        return -1;
    }
    /* the name stands in brackets and may hold anything */
    if (fgets(line, sizeof(line), f) != NULL
        && (end = strrchr(line, ')')) != NULL) {
        sscanf(end + 1, " %*c %d", &parent);
    }
    fclose(f);
    return parent;
}


static int
descends(pid_t pid, pid_t root)
{
    for (int depth = 0; pid > 0 && depth < DEPTH_MAX; depth++) {
        if (pid == root) {
            return 1;
        }
        pid = memory_parent(pid);
    }
    return 0;
}


int64_t
memory_tree(pid_t root, int *n)
{
    DIR *proc = opendir("/proc");
    struct dirent *entry;
    int64_t sum = 0;

    *n = 0;
    while (proc != NULL && (entry = readdir(proc)) != NULL) {
        pid_t pid = (pid_t) strtol(entry->d_name, NULL, 10);
        int64_t pss;

        if (pid <= 0 || !descends(pid, root)) {
            continue;
        }
        pss = memory_pss(pid);
        if (pss >= 0) {
            sum += pss;
            (*n)++;
        }
    }
    if (proc != NULL) {
        closedir(proc);
    }
    return *n > 0 ? sum : -1;
}
