# make run: as whom.  Sourced by run.sh, which sets $root and $data.
# shellcheck shell=sh
# shellcheck disable=SC2154
#
# An ordinary user runs everything as himself.  For root it is not so simple:
# PostgreSQL refuses to run as root, and nothing else of ours needs to.  So root
# becomes, for good, the owner of the data folder, or of the checkout, or the
# user "postgres", or "nobody".
#
# That user may not be able to enter the checkout (/root is 0700, and a checkout
# often lies there).  Nobody's permissions are changed for that: the parts are
# put into a mount namespace of their own, in which the folder that bars the way
# is an empty one with nothing but the checkout in it.  They see less of the
# machine than before, and all paths stay the same.  Where the kernel does not
# allow that (a container without CAP_SYS_ADMIN), a sentence says what to do.

become_user() {
    if [ "$(id -u)" -ne 0 ]; then
        check_owner
        return
    fi

    user=$(choose_user)
    if ! enters "$user" "$root"; then
        bar=$(first_bar "$user" "$root")
        [ -z "${VEDETTE_INSIDE:-}" ] || die "User $user cannot read the files in $root. Let others read them (chmod -R o+rX .), or make the checkout again elsewhere."
        if [ "$bar" = "$root" ] || ! unshare --mount true 2>/dev/null; then
            die "PostgreSQL does not run as root, so make run uses the user $user, who cannot enter $bar. Move this folder to a place that others can enter, /srv/vedette for example, or run make run as an ordinary user."
        fi
        VEDETTE_INSIDE=$bar exec unshare --mount --propagation private \
            sh -c "$only_checkout" only_checkout "$bar" "$root" "$0" "$@"
    fi

    # mkdir as root, where the user may not; a folder that is not empty and not
    # ours keeps its owner, and prepare_folder will say so
    if [ ! -e "$data" ]; then
        mkdir -p "$data"
        chown "$user:$(id -gn "$user")" "$data"
    fi
    enters "$user" "$data" \
        || die "User $user, as whom root runs the parts, cannot enter the data folder $data. Choose another: make run VEDETTE_DATA=/srv/vedette-data"
    echo "Running as user $user, because PostgreSQL does not run as root."
    exec setpriv --reuid "$user" --regid "$(id -g "$user")" --init-groups \
        env HOME="$data" sh "$0" "$@"
}

# $1 the folder that bars the way, $2 the checkout, then the command
# shellcheck disable=SC2016
only_checkout='
set -eu
bar=$1 root=$2
shift 2
stash=$(mktemp -d)
mount --bind "$root" "$stash"
mount -t tmpfs -o mode=0755,size=64k vedette "$bar"
umask 022
mkdir -p "$root"
mount --move "$stash" "$root"
rmdir "$stash"
cd "$root"
exec sh "$@"
'

choose_user() {
    for path in "$data" "$root"; do
        [ -e "$path" ] || continue
        owner=$(stat -c %U "$path")
        case $owner in
            root | UNKNOWN) ;;
            *)
                echo "$owner"
                return ;;
        esac
    done
    if id postgres >/dev/null 2>&1; then
        echo postgres
    else
        echo nobody
    fi
}

# enters USER FOLDER: can go there and read what is in it
enters() {
    for file in "$2/." "$2"/*; do
        [ -e "$file" ] || continue
        as_user "$1" test -r "$file" || return 1
    done
}

as_user() {
    as=$1
    shift
    setpriv --reuid "$as" --regid "$(id -g "$as")" --init-groups "$@"
}

# The outermost folder on the way that the user cannot pass.
first_bar() {
    way=
    rest=${2#/}
    while [ -n "$rest" ]; do
        way=$way/${rest%%/*}
        case $rest in
            */*) rest=${rest#*/} ;;
            *) rest= ;;
        esac
        as_user "$1" test -x "$way" || break
    done
    echo "$way"
}

check_owner() {
    if [ -e "$data" ] && [ ! -O "$data" ]; then
        die "The data folder $data belongs to user $(stat -c %U "$data"): run make run as that user or as root, or choose another folder: make run VEDETTE_DATA=var-$(id -un)"
    fi
}
