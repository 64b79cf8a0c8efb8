#include "page/integration_form.h"

#include "util/utf8.h"


/* ---- drawing */

static bool
has_line(struct str list, const char *id)
{
    struct str part;

    while (str_split(&list, ',', &part)) {
        if (str_is(str_trim(part), id)) {
            return true;
        }
    }
    return false;
}


static void
fill_choices(struct data *row, const struct integration_field *f,
             struct str value)
{
    for (const struct field_choice *c = f->choices; c->id != NULL; c++) {
        struct data *choice = data_row(data_child(row, "Choices"));

        data_text(choice, "id", c->id);
        data_tr(choice, "label", c->label);
        data_bool(choice, "on",
                  f->kind == FIELD_CHOICES ? has_line(value, c->id)
                                           : str_is(value, c->id));
    }
}


static const char *
kind_of(const struct integration_field *f)
{
    static const char *const names[] = {
        [FIELD_TEXT] = "text",     [FIELD_SECRET] = "secret",
        [FIELD_URL] = "url",       [FIELD_SECRET_URL] = "secret",
        [FIELD_LINES] = "lines",   [FIELD_SWITCH] = "switch",
        [FIELD_CHOICE] = "choice", [FIELD_CHOICES] = "choices",
    };

    return names[f->kind];
}


static bool
is_secret(const struct integration_field *f)
{
    return f->kind == FIELD_SECRET || f->kind == FIELD_SECRET_URL;
}


/* "9f2a": enough to know which one it is; of a short one nothing. */
static struct str
tail(struct str secret)
{
    return secret.n >= 16 ? str_sub(secret, secret.n - 4, secret.n) : STR("");
}


void
integration_form_fill(struct request *rq, struct data *d,
                      const struct integration_type *type,
                      const struct integration *i, const char *wrong,
                      const char *why)
{
    struct data *list = data_child(d, "Fields");

    (void) rq;
    for (const struct integration_field *f = type->fields; f->name != NULL;
         f++) {
        struct data *row = data_row(list);
        struct json *stored = json_get(i->values, f->name);
        struct str value = json_text(stored);

        data_text(row, "name", f->name);
        data_tr(row, "label", f->label);
        data_text(row, "kind", kind_of(f));
        data_tr(row, "help", f->help);
        data_tr(row, "placeholder", f->placeholder);
        data_bool(row, "required", f->required);
        if (is_secret(f)) {
            struct str secret = json_text_of(i->secrets, f->name);

            data_bool(row, "kept", secret.n > 0);
            data_str(row, "tail", tail(secret));

        } else {
            value = stored == NULL ? str_of(f->initial) : value;
            data_str(row, "value", value);
            data_bool(row, "on", str_is(value, "on"));
        }
        if (f->choices != NULL) {
            fill_choices(row, f, value);
        }
        if (wrong != NULL && strcmp(wrong, f->name) == 0) {
            data_tr(row, "wrong", why);
        }
    }
}


/* ---- reading */

/* Those of the choices that are ticked, by commas. */
static struct str
ticked(struct request *rq, const struct integration_field *f)
{
    struct buf b = buf_in(rq->a);

    for (const struct field_choice *c = f->choices; c->id != NULL; c++) {
        struct str value;
        size_t at = 0;

        while (field_next(&rq->form, f->name, &at, &value)) {
            if (str_is(value, c->id)) {
                buf_addf(&b, "%s%s", b.n > 0 ? "," : "", c->id);
                break;
            }
        }
    }
    return buf_view(&b);
}


static const char *
check_choice(const struct integration_field *f, struct str value)
{
    for (const struct field_choice *c = f->choices; c->id != NULL; c++) {
        if (str_is(value, c->id)) {
            return NULL;
        }
    }
    return "This is none of the choices.";
}


static const char *
check(struct request *rq, const struct integration_field *f, struct str value)
{
    if (f->required && value.n == 0) {
        return "This has to be filled in.";
    }
    if (value.n > INTEGRATION_VALUE_MAX
        || (f->kind != FIELD_LINES && value.n > 2048)) {
        return "This is too long.";
    }
    if (f->kind == FIELD_CHOICE) {
        return check_choice(f, value);
    }
    if (value.n > 0 && (f->kind == FIELD_URL || f->kind == FIELD_SECRET_URL)) {
        return post_check(rq->a, value);
    }
    return NULL;
}


static struct str
typed(struct request *rq, const struct integration_field *f)
{
    if (f->kind == FIELD_CHOICES) {
        return ticked(rq, f);
    }
    if (f->kind == FIELD_SWITCH) {
        return str_null(field_get(&rq->form, f->name)) ? STR("") : STR("on");
    }
    return request_field(rq, f->name);
}


/* An empty box of a secret means: as before. */
static struct str
typed_secret(struct request *rq, const struct integration_field *f,
             const struct json *before)
{
    struct str value = request_field(rq, f->name);
    const char *forget = arena_printf(rq->a, "forget_%s", f->name);

    if (value.n > 0) {
        return value;
    }
    return str_null(field_get(&rq->form, forget))
               ? json_text_of(before, f->name)
               : STR("");
}


const char *
integration_form_read(struct request *rq, const struct integration_type *type,
                      struct integration *i, const char **wrong)
{
    struct json *values = json_new(rq->a, JSON_T_OBJECT);
    struct json *secrets = i->secrets != NULL ? json_clone(rq->a, i->secrets)
                                              : json_new(rq->a, JSON_T_OBJECT);
    const char *why = NULL;

    i->name = request_field(rq, "name");
    if (i->name.n == 0 || utf8_length(i->name) > INTEGRATION_NAME_MAX) {
        why = "A connection needs a name of 60 characters at most.";
        *wrong = "name";
    }
    for (const struct integration_field *f = type->fields; f->name != NULL;
         f++) {
        bool secret = is_secret(f);
        struct str value =
            secret ? typed_secret(rq, f, i->secrets) : typed(rq, f);
        const char *fault;

        value = str_null(value) ? STR("") : value;
        fault = check(rq, f, value);
        if (fault != NULL && why == NULL) {
            why = fault;
            *wrong = f->name;
        }
        if (!secret || value.n > 0) {
            json_set(secret ? secrets : values, str_of(f->name),
                     json_new_str(rq->a, value));

        } else {
            (void) json_remove(secrets, f->name);
        }
    }
    i->values = values;
    i->secrets = secrets;
    return why;
}
