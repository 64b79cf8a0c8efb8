# make run: starting, watching and stopping the parts.  Sourced by run.sh,
# which sets $run, $log, $data, $build and $nginx.
# shellcheck shell=sh
# shellcheck disable=SC2154

# In the order of starting; stopped from the edge inwards.
parts_last_first='nginx spool worker web redis postgresql'
began=
stopping=

die() {
    echo "make run: $*" | fold -s -w 78 >&2
    exit 1
}

# hundredths of a second since some time ago
now() {
    read -r uptime _ </proc/uptime
    echo "${uptime%.*}${uptime#*.}"
}

# A line of progress, with the seconds so far.
tell() {
    : "${began:=$(now)}"
    spent=$(($(now) - began))
    printf '  %3d.%d s  %s\n' $((spent / 100)) $((spent % 100 / 10)) "$*" 2>/dev/null || true
}


# start NAME COMMAND...: in a session of its own, so that Ctrl-C reaches this
# script only; if this script is killed, the part gets a signal to end.
start() {
    part=$1
    shift
    case $1 in
        vedette_exec)
            shift
            set -- "$build/vedette" -c "$data/config.yml" "$@"
            tell "vedette $part" ;;
        "$nginx") tell nginx ;;
    esac
    setsid setpriv --pdeathsig "$(signal_of "$part")" -- "$@" \
        </dev/null >>"$log/$part.log" 2>&1 9>&- &
    echo $! >"$run/$part.pid"
}

# The signal that lets a part finish what it has begun.
signal_of() {
    case $1 in
        nginx) echo QUIT ;;
        postgresql) echo INT ;;
        *) echo TERM ;;
    esac
}

pid_of() {
    cat "$run/$1.pid" 2>/dev/null
}

# alive NAME; kill -0 would take one that has ended and was not waited for.
alive() {
    pid=$(pid_of "$1") && [ -n "$pid" ] && running "$pid"
}

running() {
    case $(sed 's/.*) \(.\).*/\1/' "/proc/$1/stat" 2>/dev/null) in
        '' | Z | X) return 1 ;;
    esac
}

# members NAME: all processes of a part, whose leader may be gone (nginx's workers
# stay when their master is killed): those that write to its log.
members() {
    find /proc/[0-9]*/fd/2 -maxdepth 0 -lname "$log/$1.log" 2>/dev/null \
        | cut -d / -f 3 | grep -v -x $$ || true
}

# await NAME SECONDS COMMAND...: until the command succeeds.
await() {
    part=$1 last=$(($(now) + $2 * 100))
    shift 2
    until "$@" >/dev/null 2>&1; do
        alive "$part" || failed "$part"
        [ "$(now)" -lt "$last" ] || failed "$part" 'does not answer'
        sleep 0.05
    done
}

# Blocks until a part has ended.  The traps of run.sh end the waiting.
watch() {
    while :; do
        for part in $parts_last_first; do
            alive "$part" || failed "$part"
        done
        sleep 1 9>&- &
        wait $! || true
    done
}

# failed NAME [HOW]: the last words of the log, what they mean, where to read on.
failed() {
    file=$log/$1.log
    echo >&2
    tail -n 5 "$file" 2>/dev/null | sed 's/^/    /' >&2
    echo "make run: $1 ${2:-has ended by itself}; its log is $file." | fold -s -w 78 >&2
    explain "$file"
    exit 1
}

# Sentences for what people meet.
explain() {
    # on a full disk the log has nothing to say about it either
    if [ "$(df -P -k "$data" | awk 'NR == 2 { print $4 }')" -lt 4096 ]; then
        echo "The disk is full: make room (df -h shows where), then run make run again." >&2
        return
    fi
    tail -n 40 "$1" 2>/dev/null | {
        log_end=$(cat)
        case $log_end in
            *'No space left on device'*) echo "The disk is full: make room (df -h shows where), then run make run again." ;;
            *'Address already in use'*) echo "The port is taken by another program: choose another one, make run PORT=8001." ;;
            *'Bad file format reading the append only file'*) echo "The queue's file is damaged (a disk that was full or lost power?): redis-check-aof --fix mends $data/redis/appendonlydir." ;;
            *'could not map anonymous shared memory'* | *'Cannot allocate memory'*) echo "There is not enough free memory." ;;
            *'is not binary compatible'*) echo "nginx was updated since the module was built: make distclean, ./configure and make run build it anew." ;;
        esac
    } | fold -s -w 78 >&2
}

stopped() {
    trap '' INT TERM HUP
    printf '\nStopping (%s).\n' "$1"
    exit 0
}

# The exit trap: whatever the reason, nothing of ours stays behind.
finish() {
    trap '' INT TERM HUP
    trap - EXIT
    [ -z "$stopping" ] || exit "$1"
    stopping=yes
    began=$(now)
    for part in $parts_last_first; do
        if [ -n "$(members "$part")" ]; then
            stop "$part"
            tell "$part stopped"
        fi
        rm -f "$run/$part.pid"
    done
    rm -f "$run/run.pid"
    exit "$1"
}

# stop NAME: asks, waits, and kills what does not go in time.
stop() {
    case $1 in
        nginx) limit=10 ;;
        web) limit=15 ;;
        *) limit=60 ;;
    esac
    last=$(($(now) + limit * 100))
    if alive "$1"; then
        asked=$(pid_of "$1")
    else
        asked=$(members "$1")
    fi
    # shellcheck disable=SC2086  # may be several
    kill -s "$(signal_of "$1")" $asked 2>/dev/null || true
    while left=$(members "$1") && [ -n "$left" ]; do
        if [ "$(now)" -ge "$last" ]; then
            echo "make run: $1 did not stop in $limit s and is killed." >&2
            # shellcheck disable=SC2086
            kill -s KILL $left 2>/dev/null || true
            last=$((last + 1000))
        fi
        sleep 0.05
    done
}
