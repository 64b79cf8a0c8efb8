#include "page/guide.h"

#include <stdio.h>

#include "model/organization.h"
#include "model/project.h"
#include "util/conf.h"
#include "util/lang.h"
#include "util/log.h"

#define FILE_MAX ((size_t) 16 * 1024)

const struct guide guides[] = {
    { "python", "Python", "Python" },
    { "python-django", "Django", "Python" },
    { "python-flask", "Flask", "Python" },
    { "python-fastapi", "FastAPI", "Python" },
    { "python-celery", "Celery", "Python" },
    { "python-aiohttp", "aiohttp", "Python" },
    { "python-awslambda", "AWS Lambda", "Python" },
    { "javascript", "Browser", "JavaScript" },
    { "javascript-react", "React", "JavaScript" },
    { "javascript-vue", "Vue", "JavaScript" },
    { "javascript-angular", "Angular", "JavaScript" },
    { "javascript-svelte", "Svelte", "JavaScript" },
    { "javascript-sveltekit", "SvelteKit", "JavaScript" },
    { "javascript-nextjs", "Next.js", "JavaScript" },
    { "javascript-nuxt", "Nuxt", "JavaScript" },
    { "javascript-remix", "Remix", "JavaScript" },
    { "javascript-astro", "Astro", "JavaScript" },
    { "javascript-solid", "Solid", "JavaScript" },
    { "javascript-ember", "Ember", "JavaScript" },
    { "node", "Node.js", N_("Server JavaScript") },
    { "node-express", "Express", N_("Server JavaScript") },
    { "node-fastify", "Fastify", N_("Server JavaScript") },
    { "node-koa", "Koa", N_("Server JavaScript") },
    { "node-hapi", "Hapi", N_("Server JavaScript") },
    { "node-nestjs", "NestJS", N_("Server JavaScript") },
    { "node-awslambda", "AWS Lambda, Node", N_("Server JavaScript") },
    { "bun", "Bun", N_("Server JavaScript") },
    { "deno", "Deno", N_("Server JavaScript") },
    { "cloudflare", "Cloudflare Workers", N_("Server JavaScript") },
    { "electron", "Electron", N_("Server JavaScript") },
    { "php", "PHP", "PHP" },
    { "php-laravel", "Laravel", "PHP" },
    { "php-symfony", "Symfony", "PHP" },
    { "php-wordpress", "WordPress", "PHP" },
    { "java", "Java", "Java, Kotlin" },
    { "java-spring-boot", "Spring Boot", "Java, Kotlin" },
    { "java-logback", "Logback", "Java, Kotlin" },
    { "java-log4j2", "Log4j 2", "Java, Kotlin" },
    { "kotlin", "Kotlin", "Java, Kotlin" },
    { "android", "Android", N_("Mobile") },
    { "apple", "iOS, macOS", N_("Mobile") },
    { "flutter", "Flutter", N_("Mobile") },
    { "dart", "Dart", N_("Mobile") },
    { "react-native", "React Native", N_("Mobile") },
    { "capacitor", "Capacitor", N_("Mobile") },
    { "go", "Go", "Go" },
    { "go-http", "net/http", "Go" },
    { "go-gin", "Gin", "Go" },
    { "go-echo", "Echo", "Go" },
    { "go-fiber", "Fiber", "Go" },
    { "ruby", "Ruby", "Ruby" },
    { "ruby-rails", "Rails", "Ruby" },
    { "ruby-sidekiq", "Sidekiq", "Ruby" },
    { "dotnet", ".NET", ".NET" },
    { "dotnet-aspnetcore", "ASP.NET Core", ".NET" },
    { "dotnet-maui", "MAUI", ".NET" },
    { "unity", "Unity", N_("Games") },
    { "unreal", "Unreal Engine", N_("Games") },
    { "godot", "Godot", N_("Games") },
    { "rust", "Rust", N_("Native") },
    { "native", "C, C++", N_("Native") },
    { "minidump", "Breakpad, Crashpad", N_("Native") },
    { "elixir", "Elixir, Phoenix", N_("Others") },
    { "powershell", "PowerShell", N_("Others") },
    { "perl", "Perl", N_("Others") },
    { "csp", N_("Browsers' reports, CSP"), N_("Others") },
    { "cron", N_("A cron job"), N_("Others") },
    { "shell", N_("A shell script"), N_("Others") },
    { "other", N_("Any other"), N_("Others") },
};
const size_t guides_count = sizeof(guides) / sizeof(guides[0]);

const struct sample samples[] = {
    { "error", N_("an exception") },
    { "browser", N_("an error of a browser") },
    { "message", N_("a message") },
};
const size_t samples_count = sizeof(samples) / sizeof(samples[0]);

/* Platforms of projects that have another guide's name. */
static const struct {
    const char *platform;
    const char *guide;
} others[] = {
    { "csharp", "dotnet" },      { "cocoa", "apple" }, { "swift", "apple" },
    { "objc", "apple" },         { "c", "native" },    { "cpp", "native" },
    { "java-kotlin", "kotlin" },
};


static const struct guide *
exactly(struct str id)
{
    for (size_t i = 0; i < guides_count; i++) {
        if (str_is(id, guides[i].id)) {
            return &guides[i];
        }
    }
    return NULL;
}


const struct guide *
guide_find(struct str id)
{
    const struct guide *g = exactly(id);
    ptrdiff_t dash = str_chr(id, '-');

    for (size_t i = 0; g == NULL && i < sizeof(others) / sizeof(others[0]);
         i++) {
        if (str_is(id, others[i].platform)) {
            g = exactly(str_of(others[i].guide));
        }
    }
    if (g == NULL && dash > 0) {
        return guide_find(str_sub(id, 0, (size_t) dash));
    }
    return g != NULL ? g : &guides[guides_count - 1];
}


/* ---- files */

static enum status
read_file(struct arena *a, const char *folder, const char *name,
          const char *ending, struct str *out)
{
    char *path = arena_printf(a, "%s/%s/%s%s", conf_str(CONF_WEB_TEMPLATES),
                              folder, name, ending);
    FILE *f = fopen(path, "re");
    struct buf b = buf_in(a);

    if (f == NULL) {
        log_error("%s cannot be read", path);
        return ST_FAILED;
    }
    buf_room(&b, FILE_MAX);
    b.n = fread(b.p, 1, FILE_MAX, f);
    fclose(f);
    *out = buf_view(&b);
    return ST_OK;
}


struct values {
    const struct request *rq;
    const struct project_key *key;
    struct str id; /* of a sample */
};


static struct str
value_of(const struct values *v, struct str name)
{
    struct arena *a = v->rq->a;

    if (str_is(name, "DSN")) {
        return project_key_dsn(a, v->key);
    }
    if (str_is(name, "URL")) {
        return str_of(conf_str(CONF_SYSTEM_URL_PREFIX));
    }
    if (str_is(name, "PROJECT")) {
        return str_printf(a, "%lld", (long long) v->rq->project->id);
    }
    if (str_is(name, "RELEASE")) {
        return str_printf(a, "%.*s@1.0.0", STR_FMT(v->rq->project->slug));
    }
    return str_is(name, "ID") ? v->id : v->key->public_key;
}


/* None of the values needs an escape in any language: see their alphabets. */
static struct str
filled(const struct values *v, struct str text)
{
    struct buf out = buf_in(v->rq->a);
    ptrdiff_t from, to;

    while ((from = str_find(text, STR("{{"))) != -1
           && (to = str_find(text, STR("}}"))) > from) {
        buf_str(&out, str_sub(text, 0, (size_t) from));
        buf_str(&out,
                value_of(v, str_sub(text, (size_t) from + 2, (size_t) to)));
        text = str_sub(text, (size_t) to + 2, text.n);
    }
    buf_str(&out, text);
    return buf_view(&out);
}


/* ---- the page's data */

static void
fill_groups(struct response *rs, const struct guide *chosen)
{
    struct data *group = NULL;

    for (size_t i = 0; i < guides_count; i++) {
        struct data *row;

        if (i == 0 || strcmp(guides[i - 1].group, guides[i].group) != 0) {
            group = data_row(data_child(rs->data, "Groups"));
            data_tr(group, "name", guides[i].group);
        }
        row = data_row(data_child(group, "Guides"));
        data_text(row, "id", guides[i].id);
        data_tr(row, "name", guides[i].name);
        data_bool(row, "chosen", &guides[i] == chosen);
    }
}


enum status
guide_fill(struct request *rq, struct response *rs, const struct guide *guide,
           const struct project_key *key)
{
    struct values v = { .rq = rq, .key = key, .id = STR("") };
    struct data *d = data_child(rs->data, "Guide");
    struct str text, line;
    enum status st;

    fill_groups(rs, guide);
    data_text(d, "id", guide->id);
    data_tr(d, "name", guide->name);
    data_i64(d, "n", (int64_t) guides_count);
    if (key == NULL) {
        return ST_OK;
    }
    st = read_file(rq->a, "setup", guide->id, ".txt", &text);
    if (st != ST_OK) {
        return st;
    }
    while (str_split(&text, '\n', &line) && line.n > 0) {
        ptrdiff_t colon = str_chr(line, ':');
        struct str value =
            str_trim(str_sub(line, (size_t) (colon + 1), line.n));

        data_str(d, str_starts(line, STR("file")) ? "file" : "install", value);
    }
    data_str(d, "code", filled(&v, str_trim(text)));
    return ST_OK;
}


enum status
sample_read(struct request *rq, struct str id, const struct project_key *key,
            struct str event_id, struct str *body)
{
    struct values v = { .rq = rq, .key = key, .id = event_id };
    enum status st = ST_NOT_FOUND;

    for (size_t i = 0; i < samples_count; i++) {
        if (str_is(id, samples[i].id)) {
            st = read_file(rq->a, "sample", samples[i].id, ".json", body);
            *body = st == ST_OK ? filled(&v, *body) : STR_NULL;
        }
    }
    return st;
}
