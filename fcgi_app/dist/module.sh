#!/bin/sh
# Build the nginx module.  `make module` calls it, with BUILD set:
#
#   module.sh configure    let nginx's configure write its makefile (seconds)
#   module.sh compile      make the .so with it
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
cc_opt=$(setting MODULE_CFLAGS)
ld_opt=$(setting MODULE_LDFLAGS)
log=$build/nginx.log

mkdir -p "$build/nginx"

run() {
    if ! "$@" >"$log" 2>&1; then
        tail -n 40 "$log" >&2
        echo "The nginx module did not build; the whole log is in $log." >&2
        exit 1
    fi
    grep 'warning:' "$log" >&2 || true
}

configure_debian() {
    cd "$src"
    run bash -c '
        . ./conf_flags
        exec bash ./configure "${NGX_CONF_FLAGS[@]}" --with-cc-opt="$1" \
            --with-ld-opt="$2" --builddir="$3" --add-dynamic-module="$4"' \
        configure "$cc_opt" "$ld_opt" "$build/nginx" "$root/ngx_module"
}

configure_stock() {
    rm -rf "$build/nginx-src"
    cp -R "$src" "$build/nginx-src"
    cd "$build/nginx-src"
    flags=$(setting NGINX_FLAGS)
    # quoted for a shell, as nginx -V prints them
    eval "set -- $flags"
    # a release has it in its root, a checkout does not
    configure=./configure
    [ -f "$configure" ] || configure=auto/configure
    run sh "$configure" "$@" --with-cc-opt="$cc_opt" --with-ld-opt="$ld_opt" \
        --builddir="$build/nginx" --add-dynamic-module="$root/ngx_module"
}

# nginx's makefile does not know which of our headers a file includes, so our
# few objects are made anew.  It is not to hear the flags of our own make.
compile() {
    case $kind in
        debian) cd "$src" ;;
        *) cd "$build/nginx-src" ;;
    esac
    find "$build/nginx/addon" -name '*.o' -exec rm -f {} +
    MAKEFLAGS='' run make -j 2 -f "$build/nginx/Makefile" modules
    cp "$build/nginx/ngx_http_vedette_module.so" "$build/.module.so"
    mv "$build/.module.so" "$build/ngx_http_vedette_module.so"
}

case $1 in
    configure) "configure_$kind" ;;
    compile) compile ;;
esac
