#!/bin/sh
# Build the nginx module.  Called by `make module`, with BUILD set.
#
# nginx builds add-on modules itself: its configure writes a makefile, and the
# target "modules" of it makes the .so.  Two kinds of source tree:
#   - the distribution's (package nginx-dev): read-only, its configure takes
#     --builddir, and conf_flags (a bash array) holds the flags of its nginx;
#   - any other (--with-nginx=DIR): copied, because the stock configure writes
#     into the tree; flags of the nginx binary it belongs to, else --with-compat.

set -eu

: "${BUILD:=build}"
root=$(pwd)
case $BUILD in
    /*) build=$BUILD ;;
    *) build=$root/$BUILD ;;
esac

# Only the variables that config.mk holds for us; it is a makefile.
setting() {
    sed -n "s/^$1 := *//p" "$build/config.mk"
}

src=$(setting NGINX_SRC)
kind=$(setting NGINX_KIND)
cc_opt="$(setting MODULE_CFLAGS)"
ld_opt="$(setting MODULE_LDFLAGS)"
log=$build/nginx.log

mkdir -p "$build/nginx"

run() {
    if ! "$@" >"$log" 2>&1; then
        tail -n 40 "$log" >&2
        echo "The nginx module did not build; the whole log is in $log." >&2
        exit 1
    fi
    # nginx's own warnings off, ours to be seen
    grep -E 'warning:|note:' "$log" >&2 || true
}

if [ "$kind" = debian ]; then
    cd "$src"
    run bash -c '
        . ./conf_flags
        exec bash ./configure "${NGX_CONF_FLAGS[@]}" --with-cc-opt="$1" \
            --with-ld-opt="$2" --builddir="$3" --add-dynamic-module="$4"' \
        configure "$cc_opt" "$ld_opt" "$build/nginx" "$root/ngx_module"
else
    rm -rf "$build/nginx-src"
    cp -R "$src" "$build/nginx-src"
    cd "$build/nginx-src"
    flags=$(setting NGINX_FLAGS)
    # the flags are those that nginx -V printed: quoted for a shell
    eval "set -- $flags"
    run ./configure "$@" --with-cc-opt="$cc_opt" --with-ld-opt="$ld_opt" \
        --builddir="$build/nginx" --add-dynamic-module="$root/ngx_module"
fi

run make -f "$build/nginx/Makefile" modules
cp "$build/nginx/ngx_http_vedette_module.so" "$build/.module.so"
mv "$build/.module.so" "$build/ngx_http_vedette_module.so"
