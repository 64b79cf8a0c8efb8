# db/statements.awk - turn model/*.sql into a C enum and a table of texts.
#
#   awk -f statements.awk -v out=DIR model/*.sql
#
# writes DIR/statements.h (enum sql, struct sql_text) and DIR/statements.c
# (sql_texts[], in the order of the enum).  A file is a list of blocks:
#
#   -- name: issue_by_id
#   -- A line or more that says what the statement is for.
#   select id, title
#     from issue
#    where id = $1
#
# up to the next "-- name:".  Whole-line comments and blank lines go, the lines
# stay lines, so that the server's "LINE 3" means what the reader sees.  Names
# are unique over all files.  Plain POSIX awk: it runs under mawk and busybox.
#
# Two comments are read: "-- use: PART" stands for the lines under "-- part: PART"
# further up in the same file, so that what several statements share stands once;
# "-- plan: generic" says that PostgreSQL plans the statement once and not for
# each list of values, see db.h.

function fail(message)
{
    print FILENAME ":" FNR ": " message | "cat 1>&2"
    failed = 1
}

function finish()
{
    if (n > 0 && body[n] == "")
        fail("statement \"" name[n] "\" has no SQL")
    part = ""
}

function add(line,    plain, count)
{
    body[n] = body[n] "      " c_string(line) "\n"
    plain = line
    sub(/--.*$/, "", plain)
    count = parameters(plain)
    if (count > most[n])
        most[n] = count
}

# A line of a part or of a statement.
function take(line)
{
    if (part != "")
        parts[FILENAME, part, ++size[FILENAME, part]] = line
    else if (n == 0)
        fail("SQL before the first \"-- name:\" line")
    else
        add(line)
}

# What is behind the colon of a comment that is read.
function word(    text)
{
    text = $0
    sub(/^[^:]*:[ \t]*/, "", text)
    sub(/[ \t\r].*$/, "", text)
    sub(/\r$/, "", text)
    return text
}

# The largest N of $N outside of trailing comments.
function parameters(text,    max, number)
{
    while (match(text, /\$[0-9]+/)) {
        number = substr(text, RSTART + 1, RLENGTH - 1) + 0
        if (number > max)
            max = number
        text = substr(text, RSTART + RLENGTH)
    }
    return max + 0
}

function c_string(text)
{
    gsub(/\\/, "&&", text)
    gsub(/"/, "\\\\&", text)
    gsub(/\t/, "    ", text)
    return "\"" text "\\n\""
}

/^-- name:/ {
    finish()
    sub(/^-- name:[ \t]*/, "")
    sub(/[ \t].*$/, "")
    sub(/\r$/, "")
    if ($0 !~ /^[a-z][a-z0-9_]*$/)
        fail("a statement's name is lower case letters, digits and _")
    if ($0 in where)
        fail("statement \"" $0 "\" is already in " where[$0])
    where[$0] = FILENAME ":" FNR
    name[++n] = $0
    body[n] = ""
    most[n] = 0
    generic[n] = "false"
    next
}

/^-- part:/ {
    finish()
    part = word()
    size[FILENAME, part] = 0
    next
}

/^[ \t]*-- use:/ {
    used = word()
    if (!((FILENAME, used) in size))
        fail("there is no part \"" used "\" above")
    for (i = 1; i <= size[FILENAME, used]; i++)
        take(parts[FILENAME, used, i])
    next
}

/^-- plan: generic/ {
    generic[n] = "true"
    next
}

/^[ \t]*(--.*)?$/ {
    next
}

{
    take($0)
}

END {
    finish()
    if (failed)
        exit 1

    h = out "/statements.h"
    c = out "/statements.c"

    print "/* Made from the .sql files of model by db/statements.awk. */\n" > h
    print "#ifndef VEDETTE_DB_STATEMENTS_H" > h
    print "#define VEDETTE_DB_STATEMENTS_H\n\n" > h
    print "#include <stdbool.h>\n" > h
    print "/* One value a statement: the index of its row in sql_texts. */" > h
    print "enum sql {" > h
    for (i = 1; i <= n; i++)
        print "    SQL_" toupper(name[i]) "," > h
    print "    SQL_COUNT\n};\n" > h
    print "struct sql_text {" > h
    print "    const char *name;    /* as in the file, for logs */" > h
    print "    const char *text;" > h
    print "    int nparams;         /* the highest $N */" > h
    print "    bool generic;        /* see db.h */" > h
    print "};\n" > h
    print "extern const struct sql_text sql_texts[SQL_COUNT + 1];\n\n" > h
    print "#endif" > h

    print "/* Made from the .sql files of model by db/statements.awk. */\n" > c
    print "#include <stddef.h>\n" > c
    print "#include \"db/statements.h\"\n" > c
    print "/* The row after the last is empty: with no statement yet it is" > c
    print "   the only one, and C has no array of length 0. */" > c
    print "const struct sql_text sql_texts[SQL_COUNT + 1] = {" > c
    for (i = 1; i <= n; i++) {
        print "    { \"" name[i] "\"," > c
        printf "%s", body[i] > c
        print "      , " most[i] ", " generic[i] " }," > c
    }
    print "    { NULL, NULL, 0, false }\n};" > c
}
