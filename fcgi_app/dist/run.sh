#!/bin/sh
#
# make run: a whole Vedette in one folder, in the foreground.
#
# PostgreSQL and Redis of its own (Unix sockets only, nothing that another
# program could meet), nginx with the module, vedette worker, web and spool.
# Everything that it writes is in the data folder (var/): logs in var/log,
# sockets and pid files in var/run.  It starts the parts in the order in which
# they need one another, prints how to get in, and waits: for Ctrl-C, or for a
# part that ends by itself.  Either way all parts are stopped, from the edge
# inwards, so that whatever was accepted is kept.
#
#   VEDETTE_DATA     the data folder            (var)
#   VEDETTE_PORT     the port                   (8000)
#   VEDETTE_LISTEN   the address to listen on   (127.0.0.1)
#   VEDETTE_URL      the address as browsers and SDKs see it
#   VEDETTE_ADMIN    e-mail address of the first administrator
#   BUILD            the build directory        (build)

set -eu

here=$(dirname "$0")
# shellcheck source=fcgi_app/dist/run_parts.sh
. "$here/run_parts.sh"
# shellcheck source=fcgi_app/dist/run_user.sh
. "$here/run_user.sh"

main() {
    read_settings
    become_user "$@"
    prepare_folder
    check_port
    check_space
    write_config

    trap 'stopped Ctrl-C' INT
    trap 'stopped SIGTERM' TERM
    # nobody reads what we say any more
    trap 'exec >/dev/null 2>&1; exit 1' HUP PIPE
    trap 'finish $?' EXIT

    start_postgresql
    start_redis
    await_postgresql
    await_redis
    tell 'database schema'
    vedette migrate >>"$log/migrate.log" 2>&1 || failed migrate
    set_up_once
    start web vedette_exec web
    start worker vedette_exec worker
    start spool vedette_exec spool replay "$data/spool" --follow
    start nginx "$nginx" -p "$data" -c "$data/nginx.conf"
    await web 20 test -S "$run/web.sock"
    await nginx 20 listening
    await_line
    tell 'ready'

    welcome
    watch
}


# ---- settings

# The values that configure found.
setting() {
    sed -n "s/^$1 := *//p" "$BUILD/config.mk"
}

read_settings() {
    root=$(pwd)
    : "${BUILD:=build}" "${VEDETTE_DATA:=var}" "${VEDETTE_PORT:=8000}"
    : "${VEDETTE_LISTEN:=127.0.0.1}" "${VEDETTE_ADMIN:=admin@example.org}"
    : "${VEDETTE_URL:=http://127.0.0.1:$VEDETTE_PORT}"
    export BUILD VEDETTE_DATA VEDETTE_PORT VEDETTE_LISTEN VEDETTE_ADMIN VEDETTE_URL

    data=$(absolute "${VEDETTE_DATA%/}") build=$(absolute "$BUILD")
    run=$data/run log=$data/log
    nginx=$(setting NGINX) redis_server=$(setting REDIS_SERVER)
    redis_cli=$(setting REDIS_CLI) pg_bin=$(setting PG_BIN)

    case $VEDETTE_PORT in
        '' | *[!0-9]* | ??????*) die "The port is a number, not \"$VEDETTE_PORT\"." ;;
    esac
    if [ "$VEDETTE_PORT" -lt 1 ] || [ "$VEDETTE_PORT" -gt 65535 ]; then
        die "The port is a number from 1 to 65535, not $VEDETTE_PORT."
    fi
    case $data in
        *[!A-Za-z0-9/._+,:@-]*)
            die "The data folder \"$data\" has a space or a special sign in its name. Choose another: make run VEDETTE_DATA=/some/folder" ;;
    esac
    # the longest name that will be a socket, and the longest that Linux takes
    if [ "$(printf '%s' "$run/.s.PGSQL.5432" | wc -c)" -gt 107 ]; then
        die "The name of the data folder, $data, is too long for Unix sockets in it. Choose a shorter one: make run VEDETTE_DATA=/some/folder"
    fi
    for need in "$nginx:nginx" "$redis_server:Redis" "$redis_cli:redis-cli" "$pg_bin/postgres:PostgreSQL" \
        "$build/vedette:vedette" "$build/ngx_http_vedette_module.so:the nginx module"
    do
        [ -e "${need%%:*}" ] && continue
        case ${need##*:} in
            vedette | *module) die "${need%%:*} is not there; run make first." ;;
            *) die "${need##*:} is not there any more (${need%%:*}). Run ./configure --install-deps again." ;;
        esac
    done
}

absolute() {
    case $1 in
        /*) echo "$1" ;;
        *) echo "$root/$1" ;;
    esac
}


# ---- before anything starts

prepare_folder() {
    mkdir -p "$data" 2>/dev/null || true
    [ -w "$data" ] \
        || die "The data folder $data cannot be written to by user $(id -un). Choose another: make run VEDETTE_DATA=/some/folder"
    chmod 0750 "$data"
    mkdir -p "$run" "$log" "$data/nginx" "$data/redis" "$data/spool" "$data/attachments" "$data/config.d"
    chmod 0700 "$run"

    exec 9>"$run/lock"
    flock -w 1 9 || die "Vedette already runs in $data (process $(cat "$run/run.pid" 2>/dev/null)). Stop it, or choose another folder and port: make run VEDETTE_DATA=... PORT=..."
    echo $$ >"$run/run.pid"
    # a run before this one that could not stop its parts
    for part in $parts_last_first; do
        if [ -n "$(members "$part")" ]; then
            tell "stopping $part, left by an earlier run"
            stop "$part"
        fi
        rm -f "$run/$part.pid"
    done
    rm -f "$run/web.sock" "$run/redis.sock"
    for file in "$log"/*.log; do
        if [ -f "$file" ] && [ "$(wc -c <"$file")" -gt 10000000 ]; then
            mv "$file" "$file.old"
        fi
    done
}

check_port() {
    if listening; then
        die "Port $VEDETTE_PORT is taken by another program. Stop that program, or choose another port: make run PORT=$((VEDETTE_PORT % 65535 + 1))"
    fi
    least=$(cat /proc/sys/net/ipv4/ip_unprivileged_port_start 2>/dev/null || echo 1024)
    if [ "$VEDETTE_PORT" -lt "$least" ] && [ "$(id -u)" -ne 0 ]; then
        die "Ports below $least are for root, and make run does not run its parts as root. Choose another port: make run PORT=8000"
    fi
}

# Somebody listens on our port, on our address or on all.
listening() {
    port=$(printf '%04X' "$VEDETTE_PORT")
    cat /proc/net/tcp /proc/net/tcp6 2>/dev/null | awk -v port="$port" '
        $4 == "0A" && substr($2, length($2) - 3) == port { found = 1 }
        END { exit !found }'
}

# A cluster and a queue want some room from the first minute.
check_space() {
    free_mb=$(df -P -k "$data" | awk 'NR == 2 { print int($4 / 1024) }')
    if [ "$free_mb" -lt 300 ]; then
        die "Only $free_mb MB are free on the disk of $data; Vedette wants 300 MB to start. Make room, or choose another folder: make run VEDETTE_DATA=/some/folder"
    fi
}

write_config() {
    fill() {
        edge="unix:$run/redis.sock user=vedette_edge password=$(redis_password edge)"
        sed -e "s|@MODULE@|$build/ngx_http_vedette_module.so|g" -e "s|@DATA@|$data|g" \
            -e "s|@THIS@|$data/nginx-server.conf|g" \
            -e "s|@LISTEN@|$VEDETTE_LISTEN|g" -e "s|@PORT@|$VEDETTE_PORT|g" \
            -e "s|@STATIC@|$root/static|g" -e "s|@REDIS@|$edge|g" \
            -e "s|@WEB_SOCKET@|$run/web.sock|g" "$here/$1"
    }
    if [ ! -e "$data/secret.key" ]; then
        (umask 077 && head -c 32 /dev/urandom | od -An -tx1 | tr -d ' \n' >"$data/secret.key")
    fi
    {
        echo "# Written by make run at every start. Settings of your own go into a file"
        echo "# config.d/NAME.yml beside this one; $BUILD/vedette config lists them all."
        echo "system:"
        echo "  url-prefix: \"$VEDETTE_URL\""
        echo "  secret-file: \"$data/secret.key\""
        echo "attachment:"
        echo "  path: \"$data/attachments\""
        echo "db:"
        echo "  url: \"host=$run user=vedette dbname=vedette\""
        echo "redis:"
        echo "  socket: \"$run/redis.sock\""
        echo "  users: \"$data/redis.users\""
        echo "web:"
        echo "  socket: \"$run/web.sock\""
        echo "  templates: \"$root/templates\""
        echo "migrate:"
        echo "  sql: \"$root/sql\""
        echo "geo:"
        echo "  database: \"$build/countries/country.mmdb\""
    } >"$data/config.yml"
    write_redis_users
    (umask 077 && fill nginx.conf.in >"$data/nginx.conf")
    fill nginx-server.conf.in >"$data/nginx-server.conf"
    {
        echo "# Written by make run at every start."
        echo "port 0"
        echo "unixsocket $run/redis.sock"
        echo "unixsocketperm 700"
        echo "dir $data/redis"
        echo "aclfile $data/redis.acl"
        echo "# What the edge has answered 200 for is on the disk, or it was not answered."
        echo "appendonly yes"
        echo "appendfsync always"
        echo "# Events come and go: 64 MB, the default, would be rewritten all the time."
        echo "auto-aof-rewrite-min-size 256mb"
        echo "# It would be woken by every other event, to find nothing to do (MALLOC_CONF below)."
        echo "jemalloc-bg-thread no"
        echo "save \"\""
        echo "# Full memory is an error that the edge sees, never an event thrown away."
        echo "maxmemory-policy noeviction"
        echo "logfile $log/redis.log"
        echo "loglevel notice"
        echo "daemonize no"
    } >"$data/redis.conf"
}

# Each part is a user of Redis of its own, with the rights that it needs.
write_redis_users() {
    rm -f "$data/nginx.conf" "$data/redis.acl"
    if [ ! -s "$data/redis.users" ]; then
        (umask 077 && vedette redis users >"$data/redis.users") || die 'No passwords for Redis could be made.'
    fi
    (umask 077 && vedette redis acl >"$data/redis.acl") || die "The file $data/redis.users cannot be used."
}

redis_password() {
    awk -v part="$1" '$1 == part { print $2 }' "$data/redis.users"
}


# ---- the parts

vedette() {
    "$build/vedette" -c "$data/config.yml" "$@"
}

# Little memory, because it is one person's machine; dynamic shared memory in
# files, because a container may have no /dev/shm to speak of.
start_postgresql() {
    if [ ! -f "$data/postgresql/PG_VERSION" ]; then
        tell 'new database cluster'
        rm -rf "$data/postgresql.new"
        "$pg_bin/initdb" -D "$data/postgresql.new" -U vedette -A trust -E UTF8 \
            --locale=C.UTF-8 --no-instructions >"$log/initdb.log" 2>&1 || failed initdb
        mv "$data/postgresql.new" "$data/postgresql"
    fi
    made_by=$(cat "$data/postgresql/PG_VERSION")
    have=$("$pg_bin/postgres" --version | sed 's/[^0-9]*\([0-9]*\).*/\1/')
    if [ "$made_by" != "$have" ]; then
        die "The data in $data was made by PostgreSQL $made_by, and the one installed is $have. Install postgresql-$made_by, or carry the data over with pg_upgrade."
    fi
    tell PostgreSQL
    # after a power cut it may take a stranger with the old pid for itself, or
    # its own remains that nobody has waited for
    old=$(head -n 1 "$data/postgresql/postmaster.pid" 2>/dev/null || true)
    if [ -n "$old" ]; then
        if ! running "$old" || [ "$(cat "/proc/$old/comm")" != postgres ]; then
            rm -f "$data/postgresql/postmaster.pid"
        fi
    fi
    start postgresql "$pg_bin/postgres" -D "$data/postgresql" \
        -c listen_addresses= -c "unix_socket_directories=$run" \
        -c unix_socket_permissions=0700 -c shared_buffers=32MB \
        -c max_connections=50 -c dynamic_shared_memory_type=mmap \
        -c log_checkpoints=off -c timezone=UTC -c log_timezone=UTC
}

await_postgresql() {
    await postgresql 120 "$pg_bin/pg_isready" -q -h "$run" -U vedette -d postgres
    if ! "$pg_bin/psql" -X -q -A -t -h "$run" -U vedette -d postgres \
        -c "select 1 from pg_database where datname = 'vedette'" 2>>"$log/migrate.log" | grep -q 1
    then
        "$pg_bin/createdb" -h "$run" -U vedette vedette >>"$log/migrate.log" 2>&1 || failed migrate
    fi
    "$pg_bin/psql" -X -q -h "$run" -U vedette -d postgres -v ON_ERROR_STOP=1 -v owner=vedette \
        -f "$root/fcgi_app/dist/roles.sql" >>"$log/migrate.log" 2>&1 || failed migrate
}

# jemalloc as it is has fresh pages from the system for each event: those of
# digested events lie beside in pieces that it finds too large, or it has given
# them back.  And what is larger than 32 KB goes through none of its caches.
start_redis() {
    tell Redis
    start redis env MALLOC_CONF=lg_extent_max_active_fit:20,dirty_decay_ms:-1,lg_tcache_max:17 "$redis_server" "$data/redis.conf"
}

await_redis() {
    await redis 120 redis_answers
}

redis_answers() {
    [ "$(REDISCLI_AUTH=$(redis_password admin) "$redis_cli" -s "$run/redis.sock" --user vedette_admin ping)" = PONG ]
}


# vedette status asks each part for a sign of life, from the edge to the
# database; what is not well after a while is shown, and not hidden.
await_line() {
    last=$(($(now) + 1500))
    until vedette status >"$log/status.log" 2>&1; do
        if [ "$(now)" -ge "$last" ]; then
            echo "Not all is well yet ($BUILD/vedette -c $VEDETTE_DATA/config.yml status):"
            sed 's/^/    /' "$log/status.log"
            return
        fi
        for part in $parts_last_first; do
            alive "$part" || failed "$part"
        done
        sleep 0.1
    done
}


# ---- the first time, and every time

set_up_once() {
    link=$(sign_in_link) || link=
    [ ! -e "$data/set-up" ] || return 0
    tell 'first administrator, organisation and project'
    if [ -z "$link" ]; then
        vedette account create "$VEDETTE_ADMIN" --name Administrator --superuser \
            >>"$log/set-up.log" 2>&1 || failed set-up
        link=$(sign_in_link) || failed set-up
    fi
    if [ -z "$(dsn)" ]; then
        vedette project create my-team my-app --name 'My app' --org-name 'My team' \
            --owner "$VEDETTE_ADMIN" >>"$log/set-up.log" 2>&1 || failed set-up
    fi
    : >"$data/set-up"
}

sign_in_link() {
    vedette account link "$VEDETTE_ADMIN" 2>>"$log/set-up.log" | grep -o 'https\{0,1\}://[^ ]*'
}

dsn() {
    vedette project dsn my-team my-app 2>>"$log/set-up.log" | grep -o 'https\{0,1\}://[^ ]*@[^ ]*' || true
}

welcome() {
    key=$(dsn)
    echo
    echo "Vedette is at  $VEDETTE_URL/"
    if [ -n "$link" ]; then
        echo "Sign in with   $link"
        echo "               (works once; every make run prints a new one, for $VEDETTE_ADMIN)"
    fi
    if [ -n "$key" ]; then
        echo "DSN            $key"
        echo
        echo "Three lines of Python to try it (pip install sentry-sdk):"
        echo "    import sentry_sdk"
        echo "    sentry_sdk.init(\"$key\")"
        echo "    sentry_sdk.capture_message(\"Hello, Vedette\")"
    fi
    echo
    echo "Data in $data, logs in $log. Ctrl-C stops everything."
}

main "$@"
