/*
 * Links into repositories.  Every part of them was written by somebody else:
 * the address by who may write the project, the path by whoever sends events,
 * so a path is encoded name by name and may not climb.
 */

#include "model/code_mapping.h"

#include "util/buf.h"
#include "util/hex.h"
#include "util/lang.h"

#define FULL_REVISION 40
#define NAME_MAX_LENGTH 1000 /* bytes of a file's name that gets a link */

/* {a} address, {r} revision, {p} path, {l} line. */
struct code_host {
    const char *word;   /* in front of an address, or in its host's name */
    const char *file;   /* at a revision */
    const char *branch; /* of a branch, where that is written otherwise */
    const char *line;   /* behind both */
    const char *commit;
    const char *newest; /* the branch that every repository has */
};

static const struct code_host hosts[] = {
    { "github", "{a}/blob/{r}/{p}", NULL, "#L{l}", "{a}/commit/{r}", "HEAD" },
    { "gitlab", "{a}/-/blob/{r}/{p}", NULL, "#L{l}", "{a}/-/commit/{r}",
      "HEAD" },
    { "gitea", "{a}/src/commit/{r}/{p}", "{a}/src/branch/{r}/{p}", "#L{l}",
      "{a}/commit/{r}", "main" },
    { "forgejo", "{a}/src/commit/{r}/{p}", "{a}/src/branch/{r}/{p}", "#L{l}",
      "{a}/commit/{r}", "main" },
    { "codeberg", "{a}/src/commit/{r}/{p}", "{a}/src/branch/{r}/{p}", "#L{l}",
      "{a}/commit/{r}", "main" },
    { "bitbucket", "{a}/src/{r}/{p}", NULL, "#lines-{l}", "{a}/commits/{r}",
      "HEAD" },
};

/* Written by the user: {path}, {revision} and {line} in it. */
static const struct code_host own = { "", NULL, NULL, NULL, NULL, "main" };


/* ---- reading */

static struct str
next_word(struct str *rest)
{
    struct str word;
    size_t i = 0;

    *rest = str_trim(*rest);
    while (i < rest->n && rest->p[i] != ' ' && rest->p[i] != '\t') {
        i++;
    }
    word = str_sub(*rest, 0, i);
    *rest = str_sub(*rest, i, rest->n);
    return word;
}


/* "git.x.org" of "https://git.x.org/a" */
static struct str
host_of(struct str address)
{
    ptrdiff_t at = str_find(address, STR("://"));
    ptrdiff_t end;

    address = str_sub(address, (size_t) at + 3, address.n);
    end = str_chr(address, '/');
    return end >= 0 ? str_sub(address, 0, (size_t) end) : address;
}


static bool
is_address(struct str s)
{
    ptrdiff_t at = str_find(s, STR("://"));

    if (!str_starts(s, STR("https://")) && !str_starts(s, STR("http://"))) {
        return false;
    }
    for (size_t i = 0; i < s.n; i++) {
        unsigned char c = (unsigned char) s.p[i];

        if (c <= 0x20 || c == 0x7f || c == '"' || c == '<' || c == '>') {
            return false;
        }
    }
    return (size_t) at + 3 < s.n && host_of(s).n > 0
           && str_chr(host_of(s), '@') < 0;
}


static const struct code_host *
host_named(struct str word)
{
    for (size_t i = 0; i < sizeof(hosts) / sizeof(hosts[0]); i++) {
        if (str_ieq(word, str_of(hosts[i].word))) {
            return &hosts[i];
        }
    }
    return NULL;
}


static const struct code_host *
host_guessed(struct str address)
{
    struct str name = host_of(address);

    for (size_t i = 0; i < sizeof(hosts) / sizeof(hosts[0]); i++) {
        if (str_ifind(name, str_of(hosts[i].word)) >= 0) {
            return &hosts[i];
        }
    }
    return NULL;
}


static bool
is_branch(struct str s)
{
    for (size_t i = 0; i < s.n; i++) {
        unsigned char c = (unsigned char) s.p[i];

        if (c <= 0x20 || c == 0x7f || strchr("?#\\:*[~^", c) != NULL) {
            return false;
        }
    }
    return s.n > 0 && str_find(s, STR("..")) < 0;
}


/* "src/" of "/src" and of "src/"; one that climbs makes no path later on. */
static struct str
tidy_folder(struct arena *a, struct str s)
{
    while (s.n > 0 && s.p[0] == '/') {
        s = str_sub(s, 1, s.n);
    }
    while (s.n > 0 && s.p[s.n - 1] == '/') {
        s = str_sub(s, 0, s.n - 1);
    }
    return s.n > 0 && !str_is(s, ".") ? str_printf(a, "%.*s/", STR_FMT(s))
                                      : STR("");
}


/* NULL, or what is wrong. */
static const char *
read_address(struct str *rest, struct code_mapping *m)
{
    struct str word = next_word(rest);
    const struct code_host *named = host_named(word);

    m->address = named != NULL ? next_word(rest) : word;
    if (!is_address(m->address)) {
        return N_("The address of the repository begins with https://");
    }
    if (str_find(m->address, STR("{path}")) >= 0) {
        m->host = &own;
        return NULL;
    }
    while (m->address.p[m->address.n - 1] == '/') {
        m->address.n--;
    }
    if (str_ends(m->address, STR(".git"))) {
        m->address.n -= 4;
    }
    m->host = named != NULL ? named : host_guessed(m->address);
    return m->host == NULL
               ? N_("What keeps this repository? Write github, gitlab, gitea "
                    "or bitbucket in front of its address, or an address with "
                    "{path} in it")
               : NULL;
}


static const char *
read_rest(struct arena *a, struct str rest, struct code_mapping *m)
{
    struct str word;

    m->branch = str_of(m->host->newest);
    m->folder = STR("");
    while ((word = next_word(&rest)).n > 0) {
        if (str_starts(word, STR("branch="))) {
            m->branch = str_sub(word, strlen("branch="), word.n);
            if (!is_branch(m->branch)) {
                return N_("No branch is called so");
            }

        } else if (m->folder.n == 0 && m->host != &own) {
            m->folder = tidy_folder(a, word);

        } else {
            return N_("There is a word too many");
        }
    }
    return NULL;
}


static const char *
read_line(struct arena *a, struct str line, struct code_mapping *m)
{
    ptrdiff_t arrow = str_find(line, STR("->"));
    const char *wrong;
    struct str rest;

    if (arrow < 0) {
        return N_("It is written as: beginning -> address folder");
    }
    m->prefix = str_trim(str_sub(line, 0, (size_t) arrow));
    if (m->prefix.n == 0) {
        return N_("Of which files? A * in front of the arrow means all");
    }
    if (str_is(m->prefix, "*")) {
        m->prefix = STR("");
    }
    rest = str_sub(line, (size_t) arrow + 2, line.n);
    wrong = read_address(&rest, m);
    return wrong != NULL ? wrong : read_rest(a, rest, m);
}


enum status
code_mappings_parse(struct arena *a, struct str text, struct code_mapping **out,
                    size_t *n, struct code_error *err)
{
    struct str line;

    *out = arena_array(a, CODE_MAPPINGS_MAX, sizeof(**out));
    *n = 0;
    *err = (struct code_error){ 0, NULL };
    while (str_split(&text, '\n', &line)) {
        struct code_mapping m = { .line = ++err->line };

        line = str_trim(line);
        if (line.n == 0 || line.p[0] == '#') {
            continue;
        }
        err->text = *n == CODE_MAPPINGS_MAX ? N_("These are too many")
                                            : read_line(a, line, &m);
        if (err->text != NULL) {
            return ST_INVALID;
        }
        (*out)[(*n)++] = m;
    }
    return ST_OK;
}


/* ---- finding */

/* With '/' between names, and without "./" in front. */
static struct str
tidy_name(struct arena *a, struct str s)
{
    char *p = str_dup(a, s);

    for (size_t i = 0; i < s.n; i++) {
        p[i] = p[i] == '\\' ? '/' : p[i];
    }
    s = str_make(p, s.n);
    while (str_starts(s, STR("./"))) {
        s = str_sub(s, 2, s.n);
    }
    return s;
}


static bool
is_relative(struct str s)
{
    return s.n > 0 && s.p[0] != '/' && s.p[0] != '<' && str_chr(s, ':') < 0;
}


/* Every name of it is one; none leads up. */
static bool
is_path(struct str s)
{
    struct str part;

    if (s.n == 0 || s.p[s.n - 1] == '/') {
        return false;
    }
    while (str_split(&s, '/', &part)) {
        if (part.n == 0 || str_is(part, ".") || str_is(part, "..")) {
            return false;
        }
        for (size_t i = 0; i < part.n; i++) {
            if ((unsigned char) part.p[i] < 0x20) {
                return false;
            }
        }
    }
    return true;
}


/* What a browser has asked for behind the name of a script. */
static struct str
without_query(struct str s)
{
    ptrdiff_t at = str_chr(s, '?');

    return at >= 0 ? str_sub(s, 0, (size_t) at) : s;
}


const struct code_mapping *
code_mapping_find(struct arena *a, const struct code_mapping *v, size_t n,
                  const struct str *names, size_t nnames, struct str *path)
{
    for (size_t i = 0; i < n; i++) {
        for (size_t k = 0; k < nnames; k++) {
            struct str name = tidy_name(a, without_query(names[k]));
            struct buf b = buf_in(a);
            struct str rest;

            if (name.n > NAME_MAX_LENGTH) {
                continue;
            }
            if (v[i].prefix.n > 0 ? !str_starts(name, v[i].prefix)
                                  : !is_relative(name)) {
                continue;
            }
            rest = str_sub(name, v[i].prefix.n, name.n);
            while (rest.n > 0 && rest.p[0] == '/') {
                rest = str_sub(rest, 1, rest.n);
            }
            buf_str(&b, v[i].folder);
            buf_str(&b, rest);
            *path = buf_view(&b);
            return is_path(*path) && rest.n > 0 ? &v[i] : NULL;
        }
    }
    return NULL;
}


bool
code_mapping_is(const struct code_mapping *m, struct str repository)
{
    struct str name = m->address;
    size_t from;

    if (repository.n == 0) {
        return false;
    }
    if (str_ends(repository, STR(".git"))) {
        repository.n -= 4;
    }
    if (m->host == &own || repository.n > name.n) {
        return false;
    }
    from = name.n - repository.n;
    return str_ieq(str_sub(name, from, name.n), repository)
           && (from == 0 || name.p[from - 1] == '/');
}


/* ---- addresses */

/* Every name of a path escaped, the '/' between them as they are. */
static struct str
path_encode(struct arena *a, struct str path)
{
    struct buf b = buf_in(a);
    struct str part;

    while (str_split(&path, '/', &part)) {
        buf_text(&b, b.n > 0 ? "/" : "");
        buf_str(&b, url_encode(a, part));
    }
    return buf_view(&b);
}


struct filling {
    const char *name;
    struct str value;
};


static struct str
fill_in(struct arena *a, struct str form, const struct filling *v, size_t n)
{
    struct buf b = buf_in(a);

    for (size_t i = 0; i < form.n;) {
        struct str rest = str_sub(form, i, form.n);
        size_t k = 0;

        while (k < n && !str_starts(rest, str_of(v[k].name))) {
            k++;
        }
        if (k < n) {
            buf_str(&b, v[k].value);
            i += strlen(v[k].name);
        } else {
            buf_char(&b, form.p[i++]);
        }
    }
    return buf_view(&b);
}


struct str
code_link(struct arena *a, const struct code_mapping *m, struct str path,
          struct str revision, int64_t line)
{
    const struct code_host *h = m->host;
    bool at_branch = str_null(revision);
    struct str at = path_encode(a, at_branch ? m->branch : revision);
    struct str number = str_printf(a, "%lld", (long long) line);
    const char *form = at_branch && h->branch != NULL ? h->branch : h->file;
    const struct filling fillings[] = {
        { "{a}", m->address },
        { "{r}", at },
        { "{p}", path_encode(a, path) },
        { "{l}", number },
    };
    const struct filling words[] = {
        { "{path}", path_encode(a, path) },
        { "{revision}", at },
        { "{line}", number },
    };

    if (h == &own) {
        return fill_in(a, m->address, words, sizeof(words) / sizeof(words[0]));
    }
    return fill_in(a, str_printf(a, "%s%s", form, line > 0 ? h->line : ""),
                   fillings, sizeof(fillings) / sizeof(fillings[0]));
}


struct str
code_commit_link(struct arena *a, const struct code_mapping *m,
                 struct str revision)
{
    const struct filling fillings[] = {
        { "{a}", m->address },
        { "{r}", url_encode(a, revision) },
    };

    return m->host->commit == NULL
               ? STR_NULL
               : fill_in(a, str_of(m->host->commit), fillings,
                         sizeof(fillings) / sizeof(fillings[0]));
}


struct str
code_revision_of(struct str version)
{
    ptrdiff_t at = str_rchr(version, '@');
    struct str s =
        at >= 0 ? str_sub(version, (size_t) at + 1, version.n) : version;

    for (size_t i = 0; i < s.n; i++) {
        if (strchr("0123456789abcdefABCDEF", s.p[i]) == NULL
            || s.p[i] == '\0') {
            return STR_NULL;
        }
    }
    return s.n == FULL_REVISION ? s : STR_NULL;
}
