# util/texts.awk - the texts for people in the C files, as a table for
# `vedette lang`.
#
#   awk -f texts.awk fcgi_app/page/*.c … > texts.c
#
# A text is a literal within N_(…), STR_N(…) or tr(…), one that a table calls .label, .does,
# .help, .unit, .words or .title, and any literal that is a sentence:
# it begins with a capital or a figure and ends with a full stop, a question mark or an
# exclamation mark.  A sentence with a % is none: it is printf's, and cannot be
# translated; lang_fill() has placeholders.  What goes to the log is not for
# people who read pages.  Plain POSIX awk: it runs under mawk and busybox.

# The literals at the beginning of the text, joined; rest: what follows them.
function literals(text,    s)
{
    s = ""
    while (match(text, /^[ \n]*"([^"\\]|\\.)*"/)) {
        s = s substr(text, index(text, "\"") + 1, RLENGTH - index(text, "\"") - 1)
        text = substr(text, RLENGTH + 1)
    }
    rest = text
    return s
}

function put(text)
{
    if (text ~ /[A-Za-z]/ && !((FILE, text) in done)) {
        done[FILE, text] = 1
        printf "    { \"%s\", \"%s\" },\n", FILE, text
    }
}

# head: what stands before a literal, since the last one.
function is_marked(head)
{
    return head ~ /(^|[^a-z_])(N_|STR_N|tr)\($/ \
        || head ~ /\.(label|does|help|unit|words|title) = $/
}

function is_sentence(text)
{
    return text ~ /^[A-Z0-9].*[a-z].*[.?!]$/ && text !~ /%/
}

function finish(    head, text)
{
    while (match(source, /"/)) {
        head = substr(source, 1, RSTART - 1)
        source = substr(source, RSTART)
        if (head ~ /'\\?$/) { # '"'
            source = substr(source, 2)
            continue
        }
        text = literals(source)
        source = rest == source ? substr(rest, 2) : rest
        gsub(/[ \n]+$/, " ", head)
        sub(/\( $/, "(", head)
        if (is_marked(head) || (is_sentence(text) && head !~ /log_[a-z]+\([^;]*$/))
            put(text)
    }
}

FNR == 1 {
    finish()
    source = ""
    FILE = FILENAME
    sub(/^.*fcgi_app\//, "", FILE)
}

/^[ \t]*#/ || /^ \*/ || /^[ \t]*\/\*.*\*\/$/ {
    next
}

{
    sub(/[ \t]*\\$/, "") # of a macro
    sub(/[ \t]*\/\*[^"]*\*\/$/, "")
    source = source $0 "\n"
}

BEGIN {
    print "/* Made from the C files by util/texts.awk. */\n"
    print "#include <stddef.h>\n"
    print "#include \"util/lang.h\"\n"
    print "const struct lang_source lang_sources[] = {"
}

END {
    finish()
    print "    { NULL, NULL }\n};"
}
