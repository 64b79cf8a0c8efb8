/*
 * model/keep.h - how events are kept: the essay.
 *
 * AN EVENT is three things.
 *
 * - A narrow row of `event`: what lists and filters need, and its tags as an
 *   array of numbers (tag_value.id).  In daily partitions by the time of its
 *   arrival.
 * - A body: the normalised event as JSON, in `event_body` (model/body.h).
 * - What it adds to counters.
 *
 * COUNTERS are of two kinds.  Those that pages show as numbers of events, of
 * users, of outcomes, or that decide something (issue, issue_hour, issue_user,
 * outcome_hour) are written in the event's own transaction and always right.
 * Those by tag would be some twenty rows an event, most of which say what the
 * event's row says already; they follow (model/fold.c), many events at a time:
 *
 *   tag_hour, tag_day   a project's values by hour and day of arrival; a few
 *                       seconds behind
 *   country_hour        of those, the countries of a whole organisation
 *   tag_sum             of days that are over, all projects of an organisation
 *                       that has many of them (model/tag_sum.h)
 *   issue_tag           an issue's values.  An issue has none while its events
 *                       are few: whoever reads adds up the events above
 *                       issue_fold.event_id, at most some hundreds, to the
 *                       rows, and is never behind.  The view issue_tag_seen
 *                       is that sum.
 *   outcome_day         outcome_hour by days, of hours that are over
 * (model/ledger.h)
 *
 * So does the order of the stream, when much comes: issue.listed_* are what its
 * indexes have (sql/0083_issue_listed.sql), and an issue's row is written
 * without its indexes as long as they do not change.  Whoever writes counts or
 * times of an issue sets them with it, by a trigger; batches of LISTED_LATER
 * events and more leave that to the same step.
 *
 * Ids of events are given before their rows are committed, so "up to this id"
 * means nothing until everybody who may have taken a lower one has ended:
 * event_mark.settled.  Nothing is folded above it.
 *
 * Whoever moves or takes away events of an issue calls fold_issues before, in
 * the same transaction; so counters outlive events.
 *
 * What a project holds of each day is counted with the same step, in event_day;
 * by it retention (model/retention.h) finds what is past its age, or too much.
 *
 * Measured, 10,000 events of 8 KB on 1,000 issues, CPU seconds of PostgreSQL:
 * tags as rows written with the event 3.0, as rows folded later 0.2, and the
 * GIN index on event.tags, which finds events and issues by any tag, 0.1; an
 * event of a known issue with its row in all indexes 17.6 pages and 717 bytes
 * of log, with the order written later 6.9 and 301, and 5.7 and 220 for the
 * latter.
 */

#ifndef VEDETTE_MODEL_KEEP_H
#define VEDETTE_MODEL_KEEP_H

/* Settings of a project (model/project_setting.h). */
#define KEEP_SAMPLING "keep.sampling" /* "off": every body is kept */
#define KEEP_DAYS "keep.days"         /* of events; '': as the organisation */
#define KEEP_BYTES "keep.bytes"       /* of events, about; '': no bound */
#define KEEP_ATTACHMENT_DAYS "keep.attachment-days" /* '': as events */

/* What an event takes besides its body: its row and its part of indexes. */
#define KEEP_ROW_BYTES 500

#endif
