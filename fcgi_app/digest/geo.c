#include "digest/geo.h"

#include <arpa/inet.h>
#include <errno.h>
#include <unistd.h>

#include <maxminddb.h>

#include "util/log.h"
#include "util/timeutil.h"

static MMDB_s database;
static bool is_open;

/* Where a file has it: MaxMind's and DB-IP's, then flat ones of whois data. */
static const char *const in_country[] = { "country", "iso_code", NULL };
static const char *const flat[] = { "country_code", NULL };
static const char *const *const paths[] = { in_country, flat };


void
geo_close(void)
{
    if (is_open) {
        MMDB_close(&database);
        is_open = false;
    }
}


enum status
geo_open(const char *path)
{
    int rc;

    geo_close();
    if (access(path, F_OK) != 0 && errno == ENOENT) {
        log_info("there is no file of countries %s", path);
        return ST_NOT_FOUND;
    }
    rc = MMDB_open(path, MMDB_MODE_MMAP, &database);
    if (rc != MMDB_SUCCESS) {
        log_warning("%s: %s", path, MMDB_strerror(rc));
        return ST_NOT_FOUND;
    }
    is_open = true;
    return ST_OK;
}


int64_t
geo_made_at(void)
{
    return is_open ? (int64_t) database.metadata.build_epoch * US_PER_SECOND
                   : 0;
}


static bool
letters(const MMDB_entry_data_s *data, char code[3])
{
    if (!data->has_data || data->type != MMDB_DATA_TYPE_UTF8_STRING
        || data->data_size != 2) {
        return false;
    }
    for (int i = 0; i < 2; i++) {
        char c = data->utf8_string[i];

        code[i] = c >= 'a' && c <= 'z' ? (char) (c - ('a' - 'A')) : c;
        if (code[i] < 'A' || code[i] > 'Z') {
            return false;
        }
    }
    code[2] = '\0';
    return true;
}


bool
geo_country(struct str address, char code[3])
{
    char text[INET6_ADDRSTRLEN];
    MMDB_lookup_result_s found;
    int error = 0, rc = MMDB_SUCCESS;

    if (!is_open || address.n == 0 || address.n >= sizeof(text)) {
        return false;
    }
    memcpy(text, address.p, address.n);
    text[address.n] = '\0';
    found = MMDB_lookup_string(&database, text, &error, &rc);
    if (error != 0 || rc != MMDB_SUCCESS || !found.found_entry) {
        return false;
    }
    for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
        MMDB_entry_data_s data;

        if (MMDB_aget_value(&found.entry, &data, paths[i]) == MMDB_SUCCESS
            && letters(&data, code)) {
            return true;
        }
    }
    return false;
}
