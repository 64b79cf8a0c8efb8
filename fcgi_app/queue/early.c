#include "queue/early.h"

#include "queue/depth.h"
#include "queue/message.h"
#include "queue/queue.h"

/*
 * KEYS: the stream, loans, ends.  ARGV: group, consumer, most, bytes, from,
 * lease.  Loans that are over are remembered for four leases: by then they have
 * been settled, and an entry that has killed its borrower waits for its turn.
 */
static const char take[] = DEPTH
    "local now = redis.call('TIME') "
    "now = now[1] * 1000 + math.floor(now[2] / 1000) "
    "local group "
    "for _, g in ipairs(redis.call('XINFO', 'GROUPS', KEYS[1])) do "
    "  local info = {} "
    "  for i = 1, #g, 2 do info[g[i]] = g[i + 1] end "
    "  if info.name == ARGV[1] then group = info end "
    "end "
    "if not group then return {} end "
    "local all, from = redis.call('XLEN', KEYS[1]), tonumber(ARGV[5]) "
    "local new = all - group.pending "
    "if new * " DEPTH_SEVERAL_MAX " < from or "
    "(new < from and depth() * new / all < from) then return {} end "
    "for _, id in ipairs(redis.call('ZRANGEBYSCORE', KEYS[3], '-inf', "
    "now - 4 * ARGV[6])) do "
    "  redis.call('HDEL', KEYS[2], id) "
    "  redis.call('ZREM', KEYS[3], id) "
    "end "
    "local ends = string.format('%d', now + ARGV[6]) "
    "local taken, bytes, sum, at = {}, 0, 0, '+' "
    "local last, most = '(' .. group['last-delivered-id'], tonumber(ARGV[3]) "
    "for i = 1, most do "
    "  local e = redis.call('XREVRANGE', KEYS[1], at, last, 'COUNT', 1)[1] "
    "  if not e or bytes >= tonumber(ARGV[4]) or sum >= most then break end "
    "  at = '(' .. e[1] "
    "  if redis.call('HSETNX', KEYS[2], e[1], ends .. ' ' .. ARGV[2]) == 1 "
    "  then "
    "    redis.call('ZADD', KEYS[3], ends, e[1]) "
    "    redis.call('XCLAIM', KEYS[1], ARGV[1], ARGV[2], '0', e[1], "
    "'FORCE', 'JUSTID') "
    "    for k = 2, #e[2], 2 do bytes = bytes + #e[2][k] end "
    "    sum = sum + requests(e[2]) "
    "    taken[#taken + 1] = e "
    "  end "
    "end "
    "redis.call('PEXPIRE', KEYS[2], 5 * ARGV[6]) "
    "redis.call('PEXPIRE', KEYS[3], 5 * ARGV[6]) "
    "return taken";


enum status
early_take(struct redis *r, struct arena *a, struct str consumer,
           redisReply **entries)
{
    return redis_command(r, a, entries,
                         REDIS_WORDS(STR("EVAL"), STR(take), STR("3"),
                                     STR(VEDETTE_STREAM), STR(EARLY_LOANS),
                                     STR(EARLY_ENDS), STR(VEDETTE_GROUP),
                                     consumer, str_printf(a, "%d", EARLY_MAX),
                                     str_printf(a, "%d", EARLY_BYTES),
                                     str_printf(a, "%d", EARLY_FROM),
                                     str_printf(a, "%d", QUEUE_LEASE_MS)));
}


/* "end consumer" */
static struct str
borrower(struct str loan, int64_t now_ms)
{
    struct str end;
    int64_t ms;

    if (str_null(loan) || !str_split(&loan, ' ', &end)) {
        return STR_NULL;
    }
    return str_i64(end, &ms) && ms > now_ms ? loan : STR("");
}


enum status
early_borrowers(struct redis *r, struct arena *a, const struct str *ids,
                size_t n, struct str *borrowers)
{
    static const struct str clock = { "TIME", 4 };
    struct str *words = arena_array(a, n + 2, sizeof(struct str));
    redisReply *replies[2];
    int64_t now_ms;
    enum status st;

    words[0] = STR("HMGET");
    words[1] = STR(EARLY_LOANS);
    memcpy(words + 2, ids, n * sizeof(struct str));
    st = redis_pipeline(
        r, a, (const struct redis_batch[]){ { words, n + 2 }, { &clock, 1 } },
        2, replies);
    if (st != ST_OK || replies[0]->elements != n || replies[1]->elements != 2) {
        return st == ST_OK ? ST_FAILED : st;
    }
    now_ms = redis_i64(replies[1]->element[0]) * 1000
             + redis_i64(replies[1]->element[1]) / 1000;
    for (size_t i = 0; i < n; i++) {
        borrowers[i] = borrower(redis_text(replies[0]->element[i]), now_ms);
    }
    return ST_OK;
}
