#!/bin/sh
# Every file in examples/ is built, started in front of nginx, and driven with curl.
dir=$(mktemp -d) || exit 1
proxyc=$BUILD/proxyc
status=0
pids=
stop_all() {
    for pid in $pids; do kill "$pid" 2>/dev/null; done
    for pid in $pids; do wait "$pid" 2>/dev/null; done
    rm -rf "$dir"
}
trap stop_all EXIT
cp "$TOP"/examples/* "$dir"/ && cd "$dir" || exit 1

# shellcheck disable=SC2046
set -- $("$BUILD/bench/port" free 8)
web=$1 s1=$2 s2=$3 s3=$4 q1=$5 q2=$6 tls=$7 down=$8
url=http://127.0.0.1:$web

# Three servers that say who they are and what they got.
server() {
    cat <<C
server {
    listen 127.0.0.1:$1;
    location / { return 200 "$2 \$request_method \$request_uri host=\$http_host xff=\$http_x_forwarded_for xri=\$http_x_real_ip user=\$http_x_user site=\$http_x_site conn=\$http_connection auth=\$http_authorization id=\$http_x_request_id\n"; }
    location /go { return 302 http://legacy.example.org/there; }
}
C
}
cat >nginx.conf <<C
daemon off;
master_process off;
worker_processes 1;
pid $dir/nginx.pid;
error_log $dir/nginx.err;
events { worker_connections 256; }
http {
    access_log off;
    client_body_temp_path $dir/t1; proxy_temp_path $dir/t2; fastcgi_temp_path $dir/t3;
    uwsgi_temp_path $dir/t4; scgi_temp_path $dir/t5;
    $(server "$s1" s1)
    $(server "$s2" s2)
    $(server "$s3" s3)
}
C
nginx -c "$dir/nginx.conf" -e "$dir/nginx.err" >/dev/null 2>&1 &
pids=$!

# start NAME [VARIABLE=VALUE...]: builds examples/NAME.cfg and starts it.
start() {
    name=$1
    shift
    stop
    if ! env BIND="127.0.0.1:$web" "$@" "$proxyc" build -q "$name.cfg" -o "$name.bin" 2>errors; then
        sed 's/^/# /' errors
        echo "not ok $name: builds"
        status=1
        return 1
    fi
    "./$name.bin" >"$name.log" 2>&1 &
    proxy=$!
    pids="$pids $proxy"
    "$BUILD/bench/port" wait "127.0.0.1:$web" 5 || {
        sed 's/^/# /' "$name.log"
        echo "not ok $name: starts"
        status=1
        return 1
    }
    echo "ok $name: builds and starts"
}
proxy=
stop() {
    [ -n "$proxy" ] || return 0
    kill "$proxy" 2>/dev/null
    wait "$proxy" 2>/dev/null
    proxy=
}

# says NAME PATTERN CURL-ARGUMENT...: the answer with its head, in one line, matches.
says() {
    name=$1 pattern=$2
    shift 2
    got=$(curl -s -i --max-time 5 "$@" 2>&1 | tr -d '\r' | tr '\n' '|')
    if printf '%s' "$got" | grep -Eq -- "$pattern"; then
        echo "ok $name"
    else
        printf '# expected %s\n# got %s\n' "$pattern" "$got"
        echo "not ok $name"
        status=1
    fi
}
logs() {
    name=$1 pattern=$2 file=$3
    sleep 0.1
    if grep -Eq -- "$pattern" "$file"; then
        echo "ok $name"
    else
        echo "# expected $pattern in:"
        tail -n 5 "$file" | sed 's/^/# /'
        echo "not ok $name"
        status=1
    fi
}

sed -i "s/127.0.0.1:8080/127.0.0.1:$web/; s/127.0.0.1:8081/127.0.0.1:$q1/; s/127.0.0.1:8082/127.0.0.1:$q2/" quickstart.cfg
if start quickstart; then
    says "quickstart: a page of its own" '^HTTP/1.1 200 OK.*x-served-by.*It works' "$url/"
    says "quickstart: routing" '200 OK.*(one|two): GET /api/hello for 127.0.0.1' "$url/api/hello"
    says "quickstart: the other server" '200 OK.*(one|two): GET /api/hello' "$url/api/hello"
    says "quickstart: a redirect" '^HTTP/1.1 301 .*location: /page' "$url/old/page"
    says "quickstart: a refusal" '^HTTP/1.1 403 ' -A wget/1 "$url/"
    says "quickstart: nothing there" '404 Not Found.*There is no /x here' "$url/x"
    logs "quickstart: a log line" 'www api/(one|two) [0-9/]+ 200 .* "GET /api/hello HTTP/1.1"' quickstart.log
fi
if start reverse-proxy APP1=127.0.0.1:"$s1" APP2=127.0.0.1:"$s2" SORRY=127.0.0.1:"$s3"; then
    says "reverse-proxy: served" '200 OK.*s[12] GET /a ' "$url/a"
fi
if start reverse-proxy APP1=127.0.0.1:"$down" APP2=127.0.0.1:"$s2" SORRY=127.0.0.1:"$s3"; then
    says "reverse-proxy: past a dead server" '200 OK.*s2 GET /a ' "$url/a"
    says "reverse-proxy: and again" '200 OK.*s2 GET /b ' "$url/b"
fi
if start host-routing SHOP=127.0.0.1:"$s1" BLOG=127.0.0.1:"$s2" FILES=127.0.0.1:"$s3"; then
    says "host-routing: a host" '200 OK.*s1 GET / .*site=shop' -H 'Host: Shop.example.org:81' "$url/"
    says "host-routing: another" '200 OK.*s2 GET / .*site=blog' -H 'Host: blog.example.org' "$url/"
    says "host-routing: files" '200 OK.*cache-control: public.*s3 GET /x.css' -H 'Host: blog.example.org' "$url/x.css"
    says "host-routing: an unknown host" '^HTTP/1.1 421 ' -H 'Host: x.example.org' "$url/"
fi
if start api-gateway V1=127.0.0.1:"$s1" V2A=127.0.0.1:"$s2" V2B=127.0.0.1:"$s2"; then
    says "api-gateway: no key" '^HTTP/1.1 401 .*"an API key is needed"' "$url/v1/x"
    says "api-gateway: old version" '200 OK.*deprecation: true.*s1 GET /x ' -H 'X-Api-Key: 1' "$url/v1/x"
    says "api-gateway: new version" '200 OK.*x-request-id: [0-9a-f-]{36}.*s2 GET /api/x\?q=1 .*id=[0-9a-f-]{36}' -H 'X-Api-Key: 1' "$url/v2/x?q=1"
    says "api-gateway: method" '^HTTP/1.1 405 .*allow: GET' -X BREW "$url/v1/x"
    says "api-gateway: health" '200 OK.*"status":"up"' "$url/health"
    says "api-gateway: elsewhere" '404 Not Found.*"path":"\\/z"' -H 'X-Api-Key: 1' "$url/z"
    logs "api-gateway: a log line" 'v2/new[12] .* 200 .*id=[0-9a-f-]{36}$' api-gateway.log
fi
if start maintenance APP=127.0.0.1:"$s1"; then
    says "maintenance: the page" '^HTTP/1.1 503 .*retry-after: 1800.*Back soon' "$url/"
    says "maintenance: testers pass" '200 OK.*s1 GET /' -b preview=yes "$url/"
    says "maintenance: alive" '^HTTP/1.[01] 200 ' "$url/alive"
fi
if start basic-auth APP=127.0.0.1:"$s1"; then
    says "basic-auth: nobody" '^HTTP/1.1 401 .*www-authenticate: Basic realm="Staff only"' "$url/"
    says "basic-auth: hashed password" '200 OK.*s1 GET / .*user=alice .*auth= ' -u alice:wonderland "$url/"
    says "basic-auth: wrong password" '^HTTP/1.1 401 ' -u alice:builder "$url/"
    says "basic-auth: administrators" '200 OK.*s1 GET /admin' -u alice:wonderland "$url/admin"
    says "basic-auth: not an administrator" '^HTTP/1.1 403 ' -u bob:builder "$url/admin"
fi
if start tcp-database PRIMARY=127.0.0.1:"$s1" STANDBY=127.0.0.1:"$s2"; then
    says "tcp-database: the first server" '200 OK.*s1 GET /' "$url/"
    logs "tcp-database: a log line" 'postgres postgres/primary [0-9/]+ [0-9]+ -- ' tcp-database.log
fi
if start tcp-database PRIMARY=127.0.0.1:"$down" STANDBY=127.0.0.1:"$s2"; then
    says "tcp-database: the standby" '200 OK.*s2 GET /' "$url/"
fi
openssl req -x509 -newkey rsa:2048 -nodes -keyout key.pem -out cert.pem -days 2 -subj /CN=mail.example.org 2>/dev/null
openssl s_server -accept 127.0.0.1:"$tls" -key key.pem -cert cert.pem -www -quiet >/dev/null 2>&1 &
pids="$pids $!"
if start one-port WEB=127.0.0.1:"$s1" WEB_TLS=127.0.0.1:"$down" MAIL=127.0.0.1:"$tls" SSH=127.0.0.1:"$s2"; then
    says "one-port: HTTP" '200 OK.*s1 GET /' "$url/"
    says "one-port: TLS by name" '200 ok' -k --resolve mail.example.org:"$web":127.0.0.1 "https://mail.example.org:$web/"
    logs "one-port: the name chose" 'port mail/mail' one-port.log
    printf 'SSH-2.0-test\r\n\r\n' | socat -t 2 - TCP:127.0.0.1:"$web" >/dev/null 2>&1
    logs "one-port: SSH" 'port ssh/ssh' one-port.log
fi
if start canary OLD1=127.0.0.1:"$s1" OLD2=127.0.0.1:"$s2" NEW=127.0.0.1:"$s3"; then
    says "canary: chosen" '200 OK.*x-version: new.*s3 GET /' -H 'X-Version: new' "$url/"
    says "canary: others" '200 OK.*x-version: old.*s[12] GET /' "$url/"
    logs "canary: the log names the version" '\{new\}' canary.log
fi
if start high-availability APP1=127.0.0.1:"$down" APP2=127.0.0.1:"$s2" SPARE=127.0.0.1:"$s3"; then
    says "high-availability: past a dead server" '200 OK.*set-cookie: SRV=app2; path=/; HttpOnly.*s2 GET /a ' "$url/a"
    says "high-availability: its visitors, too" '200 OK.*s2 GET /a ' -b SRV=app1 "$url/a"
    says "high-availability: who has been there stays" '200 OK.*s3 GET /a ' -b SRV=spare "$url/a"
    says "high-availability: somebody is left" '^HTTP/1.[01] 200 ' "$url/alive"
    logs "high-availability: the log tells" 'Server app/app1 is DOWN' high-availability.log
fi
if start normalise LEGACY=127.0.0.1:"$s1"; then
    says "normalise: host" 's1 GET /a host=example.org .*xri=127.0.0.1' -H 'Host: EXAMPLE.org' "$url/a"
    says "normalise: slash" '^HTTP/1.1 301 .*location: /a' "$url/a//"
    says "normalise: forwarded fields" 's1 GET /a .*xff= ' -H 'X-Forwarded-For: 1.2.3.4' "$url/a"
    says "normalise: query" 's1 GET /a\?b=1' "$url/a?utm_source=x&b=1"
    says "normalise: method" '^HTTP/1.1 405 ' -X PUT "$url/a"
    says "normalise: location" '302 .*location: https://legacy.example.org/there' "$url/go"
fi
stop
exit $status
