# How each server is started; run.sh reads this. Each runs in the foreground on the port $1, and keeps
# what it writes in a directory of its own below $PWD.
# shellcheck shell=sh disable=SC2154 # run.sh sets root

# as_nobody COMMAND...: with the libraries of the packages, and as a user that is not root, for
# PostgreSQL and MariaDB refuse to be run by root. Its name is that of all users the servers ask for.
as_nobody() {
    libraries=$root/usr/lib/$(dpkg --print-architecture | sed 's/amd64/x86_64/; s/arm64/aarch64/')-linux-gnu
    set -- env LD_LIBRARY_PATH="$libraries:$root/usr/lib" LD_PRELOAD="$libraries/libnss_wrapper.so" \
        NSS_WRAPPER_PASSWD="$PWD/passwd" NSS_WRAPPER_GROUP="$PWD/group" "$@"
    [ "$(id -u)" != 0 ] || set -- setpriv --reuid "$user" --regid "$user" --clear-groups "$@"
    exec "$@"
}

users() {
    user=$(id -u)
    [ "$user" != 0 ] || user=65534
    printf '%s:x:%d:%d::/nonexistent:/bin/false\n' root 0 0 nobody "$user" "$user" \
        Debian-exim "$user" "$user" >passwd
    printf '%s:x:%d:\n' root 0 nogroup "$user" Debian-exim "$user" mail 8 >group
    for server in $servers; do
        mkdir "$server" && { [ "$(id -u)" != 0 ] || chown "$user:$user" "$server"; } || return
    done
}

postgresql() {
    bin=$root/usr/lib/postgresql/15/bin
    (as_nobody "$bin/initdb" -D postgresql/data -U postgres --no-sync --locale=C -E UTF8 \
        --no-instructions) || return
    cat >postgresql/data/pg_hba.conf <<C
local all postgres trust
host all bob,nobody 127.0.0.1/32 trust
host all eve 127.0.0.1/32 scram-sha-256
host all carol 127.0.0.1/32 password
host all mallory 127.0.0.1/32 reject
C
    printf 'CREATE ROLE %s LOGIN;\n' bob eve carol mallory |
        (as_nobody "$bin/postgres" --single -D postgresql/data postgres) || return
    as_nobody "$bin/postgres" -D postgresql/data -c listen_addresses=127.0.0.1 -c port="$1" \
        -c unix_socket_directories= -c fsync=off -c shared_buffers=1MB
}

mariadb() {
    set -- "$1" "$root/usr/sbin/mariadbd" --no-defaults --datadir="$PWD/mariadb" --innodb=OFF \
        --tmpdir="$PWD/mariadb" \
        --lc-messages-dir="$root/usr/share/mysql" --character-sets-dir="$root/usr/share/mysql/charsets" \
        --default-storage-engine=Aria --aria-pagecache-buffer-size=8M --aria-log-file-size=8M \
        --key-buffer-size=1M
    { printf 'CREATE DATABASE mysql;\nUSE mysql;\n'
      cat "$root/usr/share/mysql/mysql_system_tables.sql"
      for name in bob eve; do
          echo "INSERT INTO global_priv (Host,User,Priv) VALUES ('127.0.0.1', '$name', '{\"access\": 0," \
              "\"plugin\": \"mysql_native_password\", \"authentication_string\":" \
              "\"$([ $name = bob ] || echo "*6BB4837EB74329105EE4568DDA7DC67ED2CA2AD9")\"}');"
      done; } >mariadb.sql
    on=$1
    shift
    (as_nobody "$@" --bootstrap <mariadb.sql) || return
    as_nobody "$@" --skip-name-resolve --bind-address=127.0.0.1 --port="$on" --socket="$PWD/mariadb/socket"
}

redis() { as_nobody "$root/usr/bin/redis-server" --bind 127.0.0.1 --port "$1" --save '' --dir "$PWD/redis"; }

redis_password() {
    as_nobody "$root/usr/bin/redis-server" --bind 127.0.0.1 --port "$1" --save '' --requirepass secret
}

slapd() {
    : >slapd.conf
    as_nobody "$root/usr/sbin/slapd" -d 0 -h "ldap://127.0.0.1:$1" -f slapd.conf
}

slapd_named() {
    echo 'disallow bind_anon' >slapd_named.conf
    as_nobody "$root/usr/sbin/slapd" -d 0 -h "ldap://127.0.0.1:$1" -f slapd_named.conf
}

exim() {
    cat >exim.conf <<C
primary_hostname = mail.example
spool_directory = $PWD/exim
log_file_path = $PWD/exim/%slog
pid_file_path = $PWD/exim/pid
daemon_smtp_ports = $1
local_interfaces = 127.0.0.1
smtp_accept_max = 0
host_lookup =
tls_advertise_hosts =
keep_environment =
acl_smtp_helo = hello
begin acl
hello:
  deny condition = \${if eq{\$sender_helo_name}{stranger.example}}
       message = strangers are not served
  accept
C
    as_nobody "$root/usr/sbin/exim4" -C "$PWD/exim.conf" -bdf
}

nginx() {
    cat >nginx.conf <<C
daemon off;
master_process off;
pid $PWD/nginx/pid;
error_log $PWD/nginx/errors;
events { worker_connections 64; }
http {
    access_log off;
    client_body_temp_path $PWD/nginx/t1; proxy_temp_path $PWD/nginx/t2; fastcgi_temp_path $PWD/nginx/t3;
    uwsgi_temp_path $PWD/nginx/t4; scgi_temp_path $PWD/nginx/t5;
    server {
        listen 127.0.0.1:$1;
        location /well { return 200 "all is well\n"; }
        location /named { if (\$host != www.example) { return 421; } return 200 "named\n"; }
        location /moved { return 302 /elsewhere; }
        location /broken { return 503 "broken\n"; }
    }
}
C
    exec nginx -c "$PWD/nginx.conf" -e "$PWD/nginx/errors"
}
