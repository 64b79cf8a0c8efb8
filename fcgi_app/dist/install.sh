#!/bin/sh
#
# make install and make uninstall: which file goes where.
#
#   install.sh install     honours DESTDIR; never overwrites config.yml
#   install.sh uninstall   removes what install has put there, but config.yml

set -eu

: "${BUILD:=build}" "${DESTDIR:=}"

setting() {
    sed -n "s/^$1 := *//p" "$BUILD/config.mk"
}

bindir=$(setting BINDIR) libdir=$(setting LIBDIR) datadir=$(setting DATADIR)
sysconfdir=$(setting SYSCONFDIR) unitdir=$(setting UNITDIR) sysusersdir=$(setting SYSUSERSDIR)

units='web worker spool'

do_install() {
    for file in vedette ngx_http_vedette_module.so; do
        [ -f "$BUILD/$file" ] || { echo "$BUILD/$file is not there; run make first." >&2; exit 1; }
    done

    put 755 "$BUILD/vedette" "$bindir/vedette"
    put 644 "$BUILD/ngx_http_vedette_module.so" "$libdir/ngx_http_vedette_module.so"
    for folder in templates static sql; do
        [ -d "$folder" ] || continue
        # a template that is gone from the sources must not stay behind
        rm -rf "$DESTDIR${datadir:?}/$folder"
        find "$folder" -type f | while read -r file; do
            put 644 "$file" "$datadir/$file"
        done
    done
    fill nginx-server.conf.in nginx-server.conf
    put 644 "$BUILD/nginx-server.conf" "$datadir/nginx-server.conf"
    put 644 fcgi_app/dist/roles.sql "$datadir/roles.sql"
    [ ! -f "$BUILD/countries/country.mmdb" ] \
        || put 644 "$BUILD/countries/country.mmdb" "$datadir/country.mmdb"
    for name in $units; do
        fill vedette.service.in "vedette-$name.service"
        put 644 "$BUILD/vedette-$name.service" "$unitdir/vedette-$name.service"
    done
    put 644 fcgi_app/dist/vedette.sysusers.in "$sysusersdir/vedette.conf"

    if [ -e "$DESTDIR$sysconfdir/config.yml" ]; then
        echo "  kept     $DESTDIR$sysconfdir/config.yml"
    else
        "$BUILD/vedette" config >"$BUILD/config.yml"
        put 640 "$BUILD/config.yml" "$sysconfdir/config.yml"
        rm "$BUILD/config.yml"
    fi
    if [ -e "$DESTDIR$sysconfdir/secret.key" ]; then
        echo "  kept     $DESTDIR$sysconfdir/secret.key"
    else
        new_key >"$BUILD/secret.key"
        put 640 "$BUILD/secret.key" "$sysconfdir/secret.key"
        rm "$BUILD/secret.key"
    fi
    [ -n "$DESTDIR" ] || next_steps
}

# what encrypts the secrets of integrations: 256 random bits
new_key() {
    head -c 32 /dev/urandom | od -An -tx1 | tr -d ' \n'
    echo
}

# put MODE FILE PLACE
put() {
    mkdir -p "$DESTDIR$(dirname "$3")"
    install -m "$1" "$2" "$DESTDIR$3"
    echo "  $DESTDIR$3"
}

# fill TEMPLATE NAME: into $BUILD/NAME; $name is set for a unit
fill() {
    user=vedette runtime=vedette command=${name:-}
    # attachments
    folders='StateDirectory=vedette\nStateDirectoryMode=0750'
    case ${name:-} in
        web) what='the pages' ;;
        spool)
            what='brings to Redis what an edge has kept while it was away'
            # what nginx has written is its user's; the settings are the group's
            user=www-data runtime=vedette-spool
            command='spool replay /var/spool/vedette --follow'
            folders='SupplementaryGroups=vedette\nReadWritePaths=-/var/spool/vedette'
            ;;
        *) what='takes events from the queue' ;;
    esac
    sed -e "s|@BINDIR@|$bindir|g" -e "s|@SYSCONFDIR@|$sysconfdir|g" \
        -e "s|@NAME@|${name:-}|g" -e "s|@COMMAND@|$command|g" -e "s|@WHAT@|$what|g" \
        -e "s|@USER@|$user|g" -e "s|@RUNTIME@|$runtime|g" -e "s|@FOLDERS@|$folders|g" \
        -e "s|@MODULE@|$libdir/ngx_http_vedette_module.so|g" \
        -e "s|@THIS@|$datadir/nginx-server.conf|g" -e "s|@STATIC@|$datadir/static|g" \
        -e "s|@WEB_SOCKET@|/run/vedette/web.sock|g" "fcgi_app/dist/$1" >"$BUILD/$2"
}

next_steps() {
    cat <<END

Next, as root:
  systemd-sysusers                            makes the user vedette
  chgrp vedette $sysconfdir/config.yml $sysconfdir/secret.key
  edit $sysconfdir/config.yml                 where PostgreSQL and Redis are
  psql -v owner=vedette -f $datadir/roles.sql
                                              as PostgreSQL's superuser: the roles of the parts
  vedette migrate                             makes the tables
  systemctl enable --now vedette-web vedette-worker
  systemctl enable --now vedette-spool        beside an nginx with a vedette_spool
  $datadir/nginx-server.conf says what goes into nginx.conf
END
}

do_uninstall() {
    remove "$bindir/vedette" "$libdir" "$datadir" "$sysusersdir/vedette.conf"
    for name in $units; do
        remove "$unitdir/vedette-$name.service"
    done
    [ ! -e "$DESTDIR$sysconfdir/config.yml" ] || echo "  kept     $DESTDIR$sysconfdir/config.yml"
    [ ! -e "$DESTDIR$sysconfdir/secret.key" ] || echo "  kept     $DESTDIR$sysconfdir/secret.key"
}

remove() {
    for path in "$@"; do
        if [ -e "$DESTDIR${path:?}" ]; then
            rm -rf "$DESTDIR$path"
            echo "  removed  $DESTDIR$path"
        fi
    done
}

case $1 in
    install) do_install ;;
    uninstall) do_uninstall ;;
esac
