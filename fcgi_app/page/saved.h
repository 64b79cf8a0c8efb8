/*
 * page/saved.h - the page of what is saved under a name, of the stream or of
 * the explorer: saved there, changed and deleted.
 *
 * Everybody has own ones; those of the whole organisation are its admins' to
 * change.
 */

#ifndef VEDETTE_PAGE_SAVED_H
#define VEDETTE_PAGE_SAVED_H

#include "model/saved_search.h"
#include "web/http.h"

#define SAVED_QUERY_MAX 2000 /* bytes */

struct saved_shelf {
    enum saved_place place;
    const char *home; /* where they are shown, in the organisation: "issues/" */
    const char *path; /* of the page: "issues/searches/" */
    const char *param; /* of a route: the number of one */

    /* What a form, or with args the address, says; NULL or what is wrong. */
    const char *(*read)(struct request *rq, bool args, struct saved_search *s);

    /* How home shows it, "?q=…", and what else the row or the form of one has.
     */
    struct str (*link)(struct request *rq, const struct saved_search *s);
    void (*show)(struct request *rq, struct data *row,
                 const struct saved_search *s);
};

/* GET, POST of a new one, POST to the one that the path names. */
enum status saved_page(struct request *rq, struct response *rs,
                       const struct saved_shelf *shelf) MUST_CHECK;
enum status saved_new(struct request *rq, struct response *rs,
                      const struct saved_shelf *shelf) MUST_CHECK;
enum status saved_act(struct request *rq, struct response *rs,
                      const struct saved_shelf *shelf) MUST_CHECK;

/* For the menu, part/saved.cs: Saved, and saved, the name of the current one.
 */
void saved_menu(struct request *rq, struct data *d,
                const struct saved_shelf *shelf, const struct saved_search *v,
                size_t n, const struct saved_search *now);

#endif
