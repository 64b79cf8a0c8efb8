/*
 * queue/pace.h - how fast a replay may go: live traffic first.
 *
 * While the queue is short the worker has time, and a replay goes as fast as
 * it can.  When events wait, what the worker takes away is all that it can do:
 * the replay gets what live traffic leaves of that, or a fifth of it.
 */

#ifndef VEDETTE_QUEUE_PACE_H
#define VEDETTE_QUEUE_PACE_H

#include <stdbool.h>
#include <stdint.h>

#define PACE_SHORT 1000       /* entries: such a queue is short */
#define PACE_WINDOW_US 200000 /* rates are measured over this at the least */
#define PACE_UNLIMITED INT64_MAX

struct pace {
    int64_t since_us; /* of the window that is being measured; 0: none yet */
    int64_t length;   /* at its beginning */
    int64_t taken;
    int64_t ours;     /* entries that we have added since */
    double rate;      /* entries a second; of the last whole window */
    int64_t spent_us; /* when allowance was last added */
    double allowance;
};

/*
 * Looks at the queue.  now_us: monotonic.  length: entries that wait.  taken:
 * entries that workers have ever been given, or -1 when Redis cannot tell.
 * Returns how many may be sent at once; 0: look again later.
 */
int64_t pace_look(struct pace *p, int64_t now_us, int64_t length,
                  int64_t taken);

/* n entries have been sent. */
void pace_sent(struct pace *p, int64_t n);

#endif
