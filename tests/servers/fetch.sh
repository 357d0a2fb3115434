#!/bin/sh
# Fetches the servers that are tested as Debian's packages, and unpacks them below a directory.
#   sh fetch.sh PACKAGES ROOT
# PACKAGES keeps the packages for the next time. Nothing is installed, and no script of a package runs:
# no service starts, no user is made, nothing of the machine changes, and nobody has to be root. If the
# lists of packages of the machine are not there or too old, own ones are fetched into PACKAGES.
# Status 3: they are not to be had, for the reason on the standard error.
servers="exim4-daemon-light mariadb-server-core postgresql-15 redis-server redis-tools slapd"
# What these link with and a machine may not have.
libraries="libaio1 libatomic1 libevent-2.1-7 libgnutls-dane0 libgssapi-krb5-2 libicu72 libidn12
    libjemalloc2 libk5crypto3 libkeyutils1 libkrb5-3 libkrb5support0 libldap-2.5-0 libltdl7 liblua5.1-0
    liblzf1 libnsl2 libnuma1 libpq5 libsasl2-2 libtirpc3 libunbound8 liburing2 libwrap0 libxml2"
# Programs that ask for users get them from this one.
users=libnss-wrapper
packages=$1
root=$2

missing() {
    have=$(dpkg-query -W -f='${db:Status-Abbrev} ${Package}\n' "$@" 2>/dev/null | sed -n 's/^ii *//p')
    for library; do
        echo "$have" | grep -qx "$library" || echo "$library"
    done
}

apt() {
    # shellcheck disable=SC2086 # options
    timeout 200 apt-get -qq -o APT::Sandbox::User=root -o Acquire::Retries=1 -o Acquire::http::Timeout=20 \
        -o Acquire::https::Timeout=20 $options "$@" 2>&1 </dev/null
}

download() {
    # shellcheck disable=SC2086 # a list
    set -- $wanted
    apt download "$@" >apt.log && return
    mkdir -p lists/partial cache/archives/partial
    options="-o Dir::State::Lists=$PWD/lists -o Dir::Cache=$PWD/cache"
    apt update >>apt.log && apt download "$@" >>apt.log
    status=$?
    rm -rf lists cache
    return $status
}

# The network's fault explains the rest.
reason() {
    { grep '^[EW]:.*Failed to fetch' apt.log || grep '^E:' apt.log || echo "apt-get fails"; } | tail -n 1
}

unpack() {
    for package in ./*.deb; do
        dpkg --fsys-tarfile "$package" | tar -x -C "$root" --no-same-owner --no-same-permissions \
            --exclude='./usr/share/doc' --exclude='./usr/share/man' --exclude='./usr/share/locale' \
            --exclude='./usr/lib/postgresql/15/lib/bitcode' || return
    done
    # With its privilege a program would ignore where its libraries are.
    chmod u-s "$root/usr/sbin/exim4"
}

umask 022
mkdir -p "$packages" "$root" && cd "$packages" || exit 1
# shellcheck disable=SC2086 # lists
wanted="$servers $users $(missing $libraries)"
if [ "$(cat complete 2>/dev/null)" != "$wanted" ]; then
    rm -f ./*.deb complete
    download || { reason >&2; exit 3; }
    echo "$wanted" >complete
fi
unpack
