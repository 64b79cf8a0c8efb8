#include "web/platform.h"

#include "util/lang.h"

const struct platform platforms[] = {
    { "python", "Python", "Py", "python", true },
    { "javascript", "JavaScript", "JS", "javascript", true },
    { "node", "Node.js", "JS", "javascript", true },
    { "java", "Java, Kotlin", "Ja", "java", true },
    { "go", "Go", "Go", "go", true },
    { "php", "PHP", "Ph", "php", true },
    { "native", "C, C++", "C", "native", true },
    { "rust", "Rust", "Rs", "other", true },
    { "ruby", "Ruby", "Rb", "other", true },
    { "csharp", ".NET, C#", "C#", "other", true },
    { "cocoa", "Swift, ObjC", "Sw", "other", true },
    { "elixir", "Elixir", "Ex", "other", true },
    { "perl", "Perl", "Pl", "other", false },
    { "c", "C", "C", "native", false },
    { "other", N_("Something else"), "\xC2\xB7\xC2\xB7", "other", true },
};

const size_t platforms_count = sizeof(platforms) / sizeof(platforms[0]);


const struct platform *
platform_find(struct str id)
{
    /* "python-django", "javascript-react": the part before the dash */
    ptrdiff_t dash = str_chr(id, '-');
    struct str first = dash == -1 ? id : str_sub(id, 0, (size_t) dash);

    for (size_t i = 0; i < platforms_count; i++) {
        if (str_is(first, platforms[i].id)) {
            return &platforms[i];
        }
    }
    return &platforms[platforms_count - 1];
}


void
platform_fill(struct data *d, struct str id)
{
    const struct platform *p = platform_find(id);

    data_text(d, "platform", p->id);
    data_tr(d, "platform_name", p->name);
    data_text(d, "badge", p->badge);
}
