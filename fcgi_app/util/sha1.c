#include "util/sha1.h"

#define BLOCK 64


static uint32_t
rotate(uint32_t v, unsigned bits)
{
    return v << bits | v >> (32 - bits);
}


static void
mix(uint32_t h[5], const unsigned char *p)
{
    uint32_t w[80], a = h[0], b = h[1], c = h[2], d = h[3], e = h[4];

    for (size_t i = 0; i < 16; i++) {
        w[i] = (uint32_t) p[4 * i] << 24 | (uint32_t) p[4 * i + 1] << 16
               | (uint32_t) p[4 * i + 2] << 8 | p[4 * i + 3];
    }
    for (size_t i = 16; i < 80; i++) {
        w[i] = rotate(w[i - 3] ^ w[i - 8] ^ w[i - 14] ^ w[i - 16], 1);
    }
    for (size_t i = 0; i < 80; i++) {
        uint32_t f = i < 20   ? ((b & c) | (~b & d)) + 0x5a827999u
                     : i < 40 ? (b ^ c ^ d) + 0x6ed9eba1u
                     : i < 60 ? ((b & c) | (b & d) | (c & d)) + 0x8f1bbcdcu
                              : (b ^ c ^ d) + 0xca62c1d6u;
        uint32_t t = rotate(a, 5) + f + e + w[i];

        e = d;
        d = c;
        c = rotate(b, 30);
        b = a;
        a = t;
    }
    h[0] += a;
    h[1] += b;
    h[2] += c;
    h[3] += d;
    h[4] += e;
}


void
sha1(struct str s, unsigned char out[SHA1_BYTES])
{
    uint32_t h[5] = { 0x67452301u, 0xefcdab89u, 0x98badcfeu, 0x10325476u,
                      0xc3d2e1f0u };
    unsigned char tail[2 * BLOCK] = { 0 };
    size_t whole = s.n - s.n % BLOCK, rest = s.n - whole;
    size_t end = rest < BLOCK - 8 ? BLOCK : 2 * BLOCK;

    for (size_t at = 0; at < whole; at += BLOCK) {
        mix(h, (const unsigned char *) s.p + at);
    }
    if (rest > 0) {
        memcpy(tail, s.p + whole, rest);
    }
    tail[rest] = 0x80;
    for (size_t i = 0; i < 8; i++) {
        tail[end - 1 - i] = (unsigned char) ((uint64_t) s.n * 8 >> 8 * i);
    }
    for (size_t at = 0; at < end; at += BLOCK) {
        mix(h, tail + at);
    }
    for (size_t i = 0; i < SHA1_BYTES; i++) {
        out[i] = (unsigned char) (h[i / 4] >> (24 - i % 4 * 8));
    }
}


void
uuid_of_name(const unsigned char space[16], struct str name,
             unsigned char out[16])
{
    struct arena *a = arena_new();
    char *p = arena_alloc(a, 16 + name.n);
    unsigned char hash[SHA1_BYTES];

    memcpy(p, space, 16);
    if (name.n > 0) {
        memcpy(p + 16, name.p, name.n);
    }
    sha1(str_make(p, 16 + name.n), hash);
    arena_free(a);
    memcpy(out, hash, 16);
    out[6] = (unsigned char) ((out[6] & 0x0f) | 0x50);
    out[8] = (unsigned char) ((out[8] & 0x3f) | 0x80);
}
