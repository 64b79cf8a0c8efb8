"""What the digest has to do, clause by clause, and the test that fails when it does not.

Understand
    encodings: gzip, deflate, brotli, zstd      unit/test_envelope.c::unpacks_every_coding
    a bomb stops at its limit                   unit/test_envelope.c::stops_a_bomb_at_the_limit
    legacy store forms, sentry_data             unit/test_envelope.c::reads_bodies_of_old_clients
    store requests through the worker           digest/test_store.py::test_a_store_request_is_read_in_every_old_form
    envelope framing                            unit/test_envelope.c::frames_as_the_protocol_says
    every attribute of the tables has a row     unit/test_normalize.c::every_attribute_has_a_row
    aliases, coercions, notes                   unit/test_normalize.c::test_rows
    each attribute with each wrong value        unit/test_attributes.c::no_value_breaks_or_is_lost_in_silence
    lists of pairs: what is none is noted       data/normalize.json::headers as pairs keep their order
    trims with their remarks                    unit/test_normalize.c::texts_end_at_their_limit
    bags by bytes and depth                     unit/test_normalize.c::bags_are_bounded
    300 frames: 250, 50 of them with variables  unit/test_normalize.c::the_last_250_of_300_frames_are_kept
    clock drift from 55 minutes on              data/normalize.json::a clock that is an hour slow
    times of the past and the future            data/normalize.json::an old event is shifted to now, with all its times
    {{auto}}, REMOTE_ADDR, browsers             data/normalize.json::{{auto}} in REMOTE_ADDR
    user agent by uap rules, client hints       digest/test_user_agent.py::test_client_hints_go_first
    geography from a local file                 digest/test_geo.py::test_countries
    … and without one                           digest/test_geo.py::test_without_a_file_events_go_without
    NUL, surrogates, broken UTF-8: repaired     unit/test_json_doc.c::marks_what_was_mended
    … through the worker, no dead letter        digest/test_hostile.py::test_hostile_events_are_no_dead_letters_and_kill_nobody
    … through the door, each attribute          digest/test_hostile_edge.py::test_every_attribute_with_wrong_values_is_an_event
    … a megabyte of text in each                digest/test_hostile_edge.py::test_a_megabyte_of_text_anywhere_is_an_event
    older names beside the newer ones           digest/test_hostile_edge.py::test_names_beside_their_older_ones_in_any_form_are_an_event
    every item type has one outcome             digest/test_store.py::test_every_item_has_exactly_one_outcome
    the header's id wins over the payload's     digest/test_store.py::test_the_id_that_the_client_was_told_wins
    sessions: init, seq, drift, age, did        digest/test_session.py::test_updates_count_by_their_number_and_not_by_their_order
    sums of sessions                            digest/test_session.py::test_a_server_sends_sums
    what of a session cannot be counted         digest/test_session.py::test_what_cannot_be_counted_has_one_outcome
    client reports                              digest/test_store.py::test_what_an_sdk_has_thrown_away_is_counted
    user reports before and after their event   digest/test_feedback.py::test_a_report_before_its_event_gets_its_issue_later
    feedback                                    digest/test_feedback.py::test_feedback_is_kept_in_the_inbox_and_not_among_the_events
    CSP: fields, messages, culprit              digest/test_security.py::test_messages
    Reporting API arrays                        digest/test_security.py::test_an_array_of_the_reporting_api
    HPKP, Expect-CT, Expect-Staple              digest/test_security.py::test_reports_about_a_host_are_events
    NEL                                         digest/test_security.py::test_network_errors_are_events
    minidump forms, chunks, msgpack             digest/test_crash.py::test_what_the_sdk_has_left_beside_the_dump_is_merged
    … from the upload to the page, their files  page/test_crash.py::test_a_crash_reaches_its_page_and_gives_its_files_back
    packed dumps                                digest/test_crash.py::test_a_packed_dump_is_kept_unpacked
    Apple's reports                             digest/test_crash.py::test_a_crash_report_of_apple
    Unreal                                      digest/test_crash.py::test_a_crash_of_the_unreal_engine
    attachments: bytes, names, room             digest/test_attachment.py::test_a_project_has_room_for_so_much
    … in a folder by their hash                 digest/test_attachment.py::test_the_same_bytes_are_kept_once
    whole requests, broken                      unit/test_hostile_body.c::whatever_comes_ends_as_an_event_or_an_outcome
    events, broken                              unit/test_hostile_event.c::parts_of_every_type

Protect and filter
    what is secret by its look                  unit/test_scrub.c::secrets_by_their_look
    … by its name                               unit/test_scrub.c::secrets_by_their_name
    in no part of an event                      unit/test_scrub.c::no_secret_is_left_anywhere
    … and in no table                           digest/test_privacy.py::test_no_secret_reaches_a_table
    … nor where no attribute is                 digest/test_privacy.py::test_no_secret_hides_where_no_attribute_is
    named fields in texts                       unit/test_scrub.c::a_project_names_fields_of_texts
    addresses and rules without the usual       unit/test_scrub.c::switched_off_keeps_rules_and_addresses
    switched off; sensitive and safe fields     unit/test_scrub.c::a_project_names_fields
    addresses cut or dropped                    unit/test_scrub.c::addresses_are_cut_or_dropped
    remove, mask, hash, replace, with remarks   unit/test_scrub.c::own_rules_leave_remarks
    every type of §9                            unit/test_scrub.c::every_type_of_a_rule
    pair, multiple, alias                       digest/test_privacy.py::test_a_rule_of_a_project_holds_for_its_events
    $attachments.'name'                         digest/test_privacy.py::test_rules_look_into_the_files_that_they_name
    … of a minidump                             digest/test_privacy.py::test_a_minidump_is_looked_through_as_a_file
    what no rule can do is refused              page/test_project_pages.py::test_what_no_rule_can_do_is_said_when_it_is_saved
    costs no more for hostile text              unit/test_scrub.c::types_of_rules_are_linear
    every filter of §6, its order               unit/test_filter.c::test_rows
    the project's switches, one outcome         digest/test_filter.py::test_what_a_project_has_set
    what hangs on a filtered event              digest/test_attachment.py::test_what_hangs_on_an_event_goes_with_it
    … of logs and metrics                       digest/test_counted.py::test_filters_look_at_logs_and_metrics
    filters of sessions                         digest/test_session.py::test_a_filter_of_the_project_holds_for_sessions

Group
    44 equivalence cases, caveats, precedence   unit/test_grouping.c::test_cases
    parameterisation of messages                unit/test_grouping.c::test_messages
    native trims                                unit/test_grouping.c::test_native_names
    enhancements                                unit/test_grouping.c::test_stack_rules
    fingerprint rules and titles                unit/test_grouping.c::test_fingerprint_title
    the page says why                           page/test_issue.py::test_grouping_is_explained
    a change of rules splits nothing            page/test_grouping.py::test_rules_that_keep_together_split_nothing_but_join
    a version a project, a preview              page/test_grouping.py::test_a_preview_names_what_would_join_and_what_would_come_apart
    regression by the order of releases         unit/test_regression.c::what_regresses
    resolved in the next release, in a commit   page/test_issue_return.py::test_resolved_in_the_next_release_holds_until_there_is_one
    archived until                              page/test_issue_return.py::test_archived_until_a_count_ends_when_it_is_reached
    escalating                                  page/test_issue_return.py::test_an_ongoing_issue_escalates_when_far_more_come_than_usual
    new and others become ongoing               page/test_issue_return.py::test_after_a_week_an_issue_is_ongoing
    auto-resolve                                page/test_issue_return.py::test_what_is_not_seen_for_long_is_resolved
    delete and discard, with an outcome         page/test_issue_merge.py::test_a_discarded_hash_drops_what_comes_later_and_says_so
    merge adds up, new events follow            page/test_issue_life.py::test_a_merge_adds_up_exactly_and_new_events_follow
    … and is found by the words of each         page/test_issue_merge.py::test_the_words_of_each_find_the_merged_one_at_once_and_only_its_own_afterwards
    unmerge brings back exactly                 page/test_issue_life.py::test_what_was_merged_comes_back_exactly_and_takes_its_new_events_along
    … while events arrive, two workers          page/test_issue_merge.py::test_events_that_arrive_meanwhile_are_counted_where_they_belong
    … for a batch that looked before            page/test_issue_merge.py::test_a_batch_that_has_found_a_hash_before_it_was_taken_away_looks_again
    … half way through a large merge            page/test_issue_merge.py::test_what_is_taken_out_again_keeps_what_has_not_moved_yet_and_what_is_new
    a large merge survives kill -9              page/test_issue_merge.py::test_a_large_merge_goes_on_after_a_death_where_it_was
    ownership and auto-assignment               page/test_ownership.py::test_new_issues_go_to_their_owners
    releases in the order of semver             unit/test_version.c::order_of_versions
    … when the project follows semver           digest/test_release_order.py::test_the_newest_ten_decide
    … the latest one                            digest/test_release_order.py::test_the_latest_is_the_highest_or_the_newest
    … and what regresses then                   digest/test_release_order.py::test_an_issue_resolved_in_a_release_regresses_by_that_order
    tags, users, first and last seen            digest/test_store.py::test_users_and_tags_are_counted_by_issue
    limits of tags                              digest/test_fold.py::test_only_so_many_values_of_a_tag_are_kept_apart
    release health, adoption                    page/test_releases.py::test_its_health_issues_and_adoption

Keep
    a dictionary of the project's own events    digest/test_keep.py::test_a_dictionary_is_trained_and_used
    days go as a whole, what went is recorded   digest/test_retention.py::test_a_day_that_nobody_keeps_goes_as_a_whole
    retention by age of a project               digest/test_retention.py::test_of_a_day_that_another_project_keeps_only_what_is_past_its_age_goes
    … by size                                   digest/test_retention.py::test_what_is_too_much_goes_oldest_first
    … after it was cut off                      digest/test_retention.py::test_a_run_that_was_cut_off_is_gone_on_with
    rollups of hours and days                   digest/test_fold.py::test_a_project_is_counted_by_hour_and_by_day
    bodies by usefulness, counts exact          digest/test_keep.py::test_a_flood_is_counted_and_some_bodies_are_kept
    … switchable                                digest/test_keep.py::test_a_project_can_keep_every_body
    … and the page says so                      page/test_issue.py::test_of_a_flood_the_page_says_what_was_kept
    no deadlocks, no count lost                 digest/test_workers.py::test_four_workers_on_the_same_issues_lose_no_count_and_do_not_deadlock
    killed anywhere, nothing twice              digest/test_faults.py::test_a_killed_worker_process_is_replaced_and_goes_on
    dead letters have a bound, then it waits    digest/test_dead_letters.py::test_when_they_are_full_the_digest_waits_and_loses_nothing
    … for what kills a worker, too              digest/test_dead_letters.py::test_what_kills_a_worker_is_not_tried_again_while_there_is_no_room
    … and for messages of a later version       digest/test_faults.py::test_messages_of_a_later_version_wait_for_the_upgrade_when_there_are_too_many
    … or the oldest go, if that is wished       digest/test_dead_letters.py::test_the_oldest_make_room_and_are_counted
    … those from before it, too                 digest/test_dead_letters.py::test_those_from_before_the_bound_make_room_too
    … while another server is away              digest/test_shards.py::test_the_bound_of_dead_letters_holds_while_another_server_is_away
    a sleeper's entries are taken over          digest/test_faults.py::test_entries_of_a_silent_worker_elsewhere_are_taken_over
    … and what it does when it wakes up         digest/test_faults.py::test_a_worker_that_stood_still_wakes_up_behind_the_one_that_took_over
    a clock that steps                          digest/test_clock.py::test_events_go_on_through_a_step_and_back
    … and limits                                digest/test_clock.py::test_a_limit_ends_after_its_window_whatever_the_clock_does
    bisecting, a dead letter with its reason    digest/test_faults.py::test_an_entry_that_the_database_refuses_is_put_aside_alone
    what kills a worker                         digest/test_faults.py::test_an_entry_that_kills_workers_is_put_aside_and_its_neighbours_are_stored
    our own mistake buries nothing              digest/test_faults.py::test_our_own_mistake_buries_nothing
    PostgreSQL dies                             digest/test_faults.py::test_a_killed_postgresql_loses_nothing
    Redis dies                                  digest/test_faults.py::test_a_killed_redis_loses_nothing
    all of them, sent through the door          digest/test_kill.py::test_what_was_answered_with_200_is_there_once_whoever_is_killed
    messages of a later version                 digest/test_faults.py::test_a_message_of_a_later_version_is_kept_for_those_who_know_it
    … come again as they were                   digest/test_faults.py::test_after_the_upgrade_a_message_of_a_later_version_comes_as_it_was
    vedette queue list, show                    digest/test_dead_letters.py::test_they_are_listed_with_their_reason
    … replay, purge                             digest/test_dead_letters.py::test_replayed_ones_are_digested_and_counted_once
    the newest are not starved                  digest/test_early.py::test_what_is_new_does_not_wait_behind_a_flood
    trace: stored, by stage                     digest/test_trace.py::test_a_stored_event_has_its_stages_with_times
    … filtered, invalid, limited, discarded     digest/test_trace.py::test_an_event_that_is_not_stored_has_the_reason_and_the_moment
    … in the stream                             digest/test_trace.py::test_an_event_that_waits
    … in the spool                              cmd/test_spool.py::test_an_event_is_found_while_it_waits_there
    … a dead letter                             digest/test_trace.py::test_a_dead_letter
    … a sampled body                            page/test_trace_event.py::test_one_whose_body_was_not_kept_says_so
    … refused whole at the edge                 edge/test_ended.py::test_what_is_refused_whole_is_told_by_its_id
    … by the page and the command               page/test_trace_event.py::test_one_that_the_edge_refused_has_the_reason_and_the_moment
    the same on a page                          page/test_trace_event.py::test_one_that_was_filtered_has_the_reason_and_the_moment

The cases of protocol.md §10 that the edge passes on (tests/edge/cases.py has the others)
    63 an array of reports                      digest/test_security.py::test_an_array_of_the_reporting_api
    64 a CSP report of an extension             digest/test_security.py::test_extensions_are_filtered
    65 filters, by what a project has set       digest/test_filter.py::test_what_a_project_has_set
    … Slackbot                                  data/filter.json::crawler Slackbot 1.0 (+https://api.slack.com/robots)
    … bingbot                                   data/filter.json::crawler Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)
    … the last frame is an extension's          data/filter.json::extension by frame
    … a transaction /healthz                    digest/test_store.py::test_health_checks_are_filtered_among_the_transactions
    … every old browser of §6.2                 data/filter.json::ie9: IE/9
    66 a session's seq and did                  digest/test_session.py::test_a_session_counts_once_with_its_release_environment_and_user
    … did by its name                           digest/test_session.py::test_a_user_is_the_same_by_name_and_by_the_uuid_of_the_name
    67 sessions that are none                   digest/test_session.py::test_what_cannot_be_counted_has_one_outcome
    68 crashed without errors                   digest/test_session.py::test_an_end_that_is_wrong_is_an_error_whatever_it_says
    69 aggregates                               digest/test_session.py::test_a_server_sends_sums
    … more than a thousand                      digest/test_session.py::test_sums_that_are_too_many_for_one_item_are_told
    70 check-ins: counted, not kept             digest/test_counted.py::test_check_ins
    71 … by the query or the body of cron       digest/test_counted.py::test_check_ins_of_cron
    … whatever they hold                        digest/test_counted.py::test_hostile_check_ins_are_counted_and_harm_nobody
    72 client reports are summed                digest/test_store.py::test_what_an_sdk_has_thrown_away_is_counted
    … in their own hour                         digest/test_store.py::test_a_client_report_counts_in_the_hour_that_it_says
    … not from 300 days ahead                   digest/test_store.py::test_a_client_report_from_far_away_counts_nothing
    … more than 200 rows                        digest/test_store.py::test_rows_of_a_client_report_that_are_too_many_are_told
    73 transactions that are none               digest/test_store.py::test_a_transaction_that_cannot_be_one_is_told
    74 measurements of an error                 data/normalize.json::an error measures nothing
    … of a transaction, by their names          data/normalize.json::names of measurements are trimmed and lowered, values are numbers
    75 containers: each is counted              digest/test_counted.py::test_each_of_a_container_is_counted
    … a wrong item_count                        digest/test_counted.py::test_a_container_of_another_number_is_none
    … two containers of logs                    digest/test_counted.py::test_two_containers_of_logs_are_both_refused
    … what a log has to have                    digest/test_counted.py::test_one_that_lacks_something_does_not_cost_the_others
    … whatever they hold                        digest/test_counted.py::test_hostile_content_of_containers_is_counted_and_harms_nobody
    76 tags as an object                        data/normalize.json::tags as an object
    … as pairs                                  data/normalize.json::tags as pairs: the first of a key wins, reserved ones go
    … of 201 characters                         data/normalize.json::a tag's value of 200 characters stays, of 201 goes
    77 headers as an object                     data/normalize.json::headers as an object are sorted and named alike
    … as pairs                                  data/normalize.json::headers as pairs keep their order
    … with several values                       data/normalize.json::a header with several values
    … cookies as a text                         data/normalize.json::cookies of a header
    78 breadcrumbs as a list                    data/normalize.json::breadcrumbs as a list
    … as values                                 data/normalize.json::as values
    … as one object                             data/normalize.json::as one object
    … as {}                                     data/normalize.json::as nothing
    … exceptions as one object                  data/normalize.json::an exception as one object
    … threads as a list                         data/normalize.json::threads as a list
    79 times as a number                        data/normalize.json::a time as a number
    … without a zone                            data/normalize.json::a time without zone is UTC
    … of long ago                               data/normalize.json::an old event is shifted to now, with all its times
    … that are none                             data/normalize.json::what is no time
    80 sent an hour ago                         data/normalize.json::a clock that is an hour slow
    … ten minutes ago                           data/normalize.json::ten minutes are no drift
    81 {{auto}}                                 data/normalize.json::{{auto}} is the client
    … a browser's address                       data/normalize.json::browsers get it unasked
    … a server's                                data/normalize.json::servers do not
    82 levels                                   data/normalize.json::levels by name, alias and number
    … critical                                  data/normalize.json::critical is fatal
    … 40                                        data/normalize.json::40 is error
    … nonsense                                  data/normalize.json::another level is the default
    83 platform, environment, release           data/normalize.json::platforms, environments and releases that are none
    84 secrets, and their remarks               unit/test_scrub.c::secrets_by_their_look
    … switched off                              unit/test_scrub.c::switched_off_keeps_rules_and_addresses
    85 300 frames                               unit/test_normalize.c::the_last_250_of_300_frames_are_kept
    … 9000 characters                           unit/test_normalize.c::texts_end_at_their_limit
    … ten levels                                data/normalize.json::deep bags end in JSON text
"""

import json
import re

import pytest

from harness.build import ROOT

ROWS = re.findall(r"^ {4}(\S.*?) {2,}(\S+?)::(.+)$", __doc__, re.MULTILINE)


def named(path):
    """What a file of tests has under a name of its own."""
    text = (ROOT / "tests" / path).read_text()
    if path.endswith(".json"):
        return {row["what"] for row in json.loads(text)}
    return set(re.findall(r"^def (test_\w+)\(" if path.endswith(".py") else r"cmocka_unit_test\((\w+)\)", text, re.MULTILINE))


def test_every_line_of_the_table_is_read():
    lines = [line for line in __doc__.splitlines() if line.startswith("    ")]
    assert len(lines) == len(ROWS) > 100


@pytest.mark.parametrize("path", sorted({path for _, path, _ in ROWS}))
def test_what_the_table_names_is_there(path):
    assert {name for _, file, name in ROWS if file == path} - named(path) == set()
