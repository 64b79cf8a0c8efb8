#include "cmd/notify.h"

#include <stdio.h>
#include <time.h>

#include "alert/sender.h"
#include "cmd/prefork.h"
#include "page/mail.h"
#include "queue/proc.h"
#include "util/conf.h"
#include "util/log.h"
#include "util/timeutil.h"

/* The longest sleep without a sign of life. */
#define WAIT_MS 2000

/* A pause while the database is away, in slices. */
#define PAUSE_SLICES 20

/* An extra process that has had nothing to do for so long leaves. */
#define IDLE_US (30 * US_PER_SECOND)


static void
pause_for_database(void)
{
    struct timespec slice = { 0, 100 * 1000000L };

    for (int i = 0; i < PAUSE_SLICES && !prefork_stopping(); i++) {
        nanosleep(&slice, NULL);
    }
}


int
notify_run(void *arg)
{
    struct db *db = db_new(conf_str(CONF_DB_URL));
    struct redis *r = redis_new();
    struct sender *s =
        sender_new(db, mail_of_notice, (int) conf_int(CONF_WORKER_NOTIFIERS),
                   prefork_busy);
    char note[80];

    (void) arg;
    db_role(db, DB_ROLE_WORKER);
    log_name("notify");
    while (!prefork_stopping()
           && !(prefork_extra() && sender_idle(s) > IDLE_US)) {
        if (sender_turn(s, WAIT_MS) != ST_OK) {
            pause_for_database();
        }
        snprintf(note, sizeof(note), "%llu sent",
                 (unsigned long long) sender_sent(s));
        proc_beat(r, "notify", note);
    }
    sender_free(s);
    redis_free(r);
    db_free(db);
    return 0;
}
