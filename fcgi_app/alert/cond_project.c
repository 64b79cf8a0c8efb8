/*
 * Conditions about a project as a whole; a chore looks at them every now and
 * then.  Their silence after firing is kept under issue 0.
 */

#include "alert/condition.h"


/* Nothing since the last event; a project that never had one is only new. */
enum verdict
cond_silence(const struct alert_node *n, struct facts *f)
{
    int64_t last, minutes;

    if ((f->causes & CAUSE_PROJECT) == 0 || f->db == NULL) {
        return NO;
    }
    f->st = alert_project_last(f->db, f->a, f->project_id, f->environments,
                               f->nenvironments, f->at, &last);
    if (f->st != ST_OK || last == 0) {
        return NO;
    }
    minutes = (f->at - last) / US_PER_MINUTE;
    if ((double) minutes < n->number) {
        return NO;
    }
    f->measured =
        (struct measured){ n, (double) minutes, n->number, minutes * 60, 0 };
    return YES;
}


/* By the events of the last minutes, and by what still waits in the queue. */
enum verdict
cond_delay(const struct alert_node *n, struct facts *f)
{
    double seconds;

    if ((f->causes & CAUSE_PROJECT) == 0 || f->db == NULL) {
        return NO;
    }
    f->st = alert_project_delay(f->db, f->a, f->project_id, f->at, &seconds);
    if (f->st == ST_OK && f->waiting > seconds) {
        seconds = f->waiting;
    }
    if (f->st != ST_OK || seconds <= n->number) {
        return NO;
    }
    f->measured = (struct measured){ n, seconds, n->number, 300, 0 };
    return YES;
}


enum verdict
cond_quota(const struct alert_node *n, struct facts *f)
{
    double share;
    int64_t window;

    if ((f->causes & CAUSE_PROJECT) == 0 || f->db == NULL) {
        return NO;
    }
    f->st =
        alert_project_quota(f->db, f->a, f->project_id, f->at, &share, &window);
    if (f->st != ST_OK || share < n->number) {
        return NO;
    }
    f->measured = (struct measured){ n, share, n->number, window, 0 };
    return YES;
}
