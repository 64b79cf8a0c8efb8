/*
 * json/msgpack.h - MessagePack read into the same trees as JSON.
 *
 * Native SDKs write what is sent beside a crash in it, because that can be
 * appended to a file by a program that is dying (protocol.md §8.8).
 */

#ifndef VEDETTE_JSON_MSGPACK_H
#define VEDETTE_JSON_MSGPACK_H

#include "json/doc.h"

/*
 * Takes the next value off *rest.  Strings are mended UTF-8 and point into
 * the bytes where nothing had to be; bin and ext become null; keys that are no
 * strings lose their pair.  ST_NOT_FOUND: nothing is left; ST_INVALID: broken,
 * cut off, or beyond the limits.
 */
enum status msgpack_read(struct arena *a, struct str *rest,
                         const struct json_limits *limits,
                         struct json **out) MUST_CHECK;

#endif
