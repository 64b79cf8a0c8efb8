"""A clock that a test can set, for any part: those that run on one machine share one."""

import mmap
import struct
import subprocess

SHIM = """
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static volatile long *step;

static long
ahead(void)
{
    return step != NULL ? *step : 0;
}

__attribute__((constructor)) static void
begin(void)
{
    int fd = open(STEP, O_RDONLY);
    void *p = mmap(NULL, sizeof(long), PROT_READ, MAP_SHARED, fd, 0);

    step = p != MAP_FAILED ? p : NULL;
    close(fd);
}

int
clock_gettime(clockid_t id, struct timespec *t)
{
    long done = syscall(SYS_clock_gettime, id, t);

    if (done == 0 && (id == CLOCK_REALTIME || id == CLOCK_REALTIME_COARSE)) {
        t->tv_sec += ahead();
    }
    return (int) done;
}

int
gettimeofday(struct timeval *t, void *zone)
{
    struct timespec now;

    (void) zone;
    clock_gettime(CLOCK_REALTIME, &now);
    t->tv_sec = now.tv_sec;
    t->tv_usec = now.tv_nsec / 1000;
    return 0;
}

time_t
time(time_t *t)
{
    struct timespec now;

    clock_gettime(CLOCK_REALTIME_COARSE, &now);
    if (t != NULL) {
        *t = now.tv_sec;
    }
    return now.tv_sec;
}
"""


class Clock:
    """step(3600): from now on it is an hour later for the parts that run with it; step(0): as it really is."""

    def __init__(self, build, folder):
        self.build = build
        step, source, self.shim = (folder / name for name in ("clock.step", "clock.c", "clock.so"))
        step.write_bytes(bytes(8))
        source.write_text(SHIM)
        subprocess.run([build.config["CC"], "-shared", "-fPIC", "-O1", f'-DSTEP="{step}"', "-o", self.shim, source], check=True)
        self.file = open(step, "r+b")
        self.map = mmap.mmap(self.file.fileno(), 8)

    def give(self, part, ours=True):
        """To a part that has not been started; ours: sanitized when the build is."""
        libs = self.build.environment("nginx").get("LD_PRELOAD") if ours else None
        part.command = ["env", "LD_PRELOAD=" + " ".join(filter(None, [libs, str(self.shim)])), *part.command]

    def step(self, seconds):
        self.map[:] = struct.pack("q", seconds)
