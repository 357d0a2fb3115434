# Several protocols at one port, told apart by what clients send first; and what their first messages
# say. HAProxy does the same with the same configuration, where it knows the words.
# shellcheck disable=SC2154 # the ports
# shellcheck source=tests/e2e/lib.sh
. "$LIB"
ports 8
openssl req -x509 -newkey rsa:2048 -nodes -keyout key.pem -out cert.pem -days 2 -subj /CN=h \
    >/dev/null 2>&1
background openssl s_server -accept "127.0.0.1:$p1" -cert cert.pem -key key.pem -quiet -www \
    >s_server.log 2>&1
printf 'echo SSH-2.0-server\ncat\n' >server.sh
background socat "TCP-LISTEN:$p2,bind=127.0.0.1,fork,reuseaddr" SYSTEM:'sh server.sh'
listening "$p2"
cat >web.cfg <<C
defaults
    mode http
    timeout client 5s
frontend web
    bind 127.0.0.1:$p3
    http-request return status 200 content-type text/plain string web
C
proxy web "$p3"
# config LISTEN: the configuration for either; newer words only for us.
config() {
    cat <<C
global
    nbthread 1
    log stdout format raw local0
defaults
    mode tcp
    log global
    timeout client 5s
    timeout server 5s
    timeout connect 2s
frontend all
    bind 127.0.0.1:$1
    log-format "%b hello=%[var(sess.hello)] sni=%[var(sess.sni)] alpn=%[var(sess.alpn)] ticket=%[var(sess.ticket)] rdp=%[var(sess.rdp)] answer=%[var(sess.answer)] $2"
    tcp-request inspect-delay 2s
    tcp-request content set-var(sess.hello) req.ssl_hello_type
    tcp-request content set-var(sess.sni) req.ssl_sni
    tcp-request content set-var(sess.alpn) req.ssl_alpn
    tcp-request content set-var(sess.ticket) req.ssl_st_ext
    tcp-request content set-var(sess.rdp) req.rdp_cookie(msts)
$3
    tcp-request content accept if { req.ssl_hello_type 1 }
    tcp-request content accept if { req.payload(0,7) -m str SSH-2.0 }
    tcp-request content accept if HTTP
    tcp-request content accept if RDP_COOKIE
    tcp-request content reject
    use_backend acme if { req.ssl_hello_type 1 } { req.ssl_alpn acme-tls/1 }
    use_backend tls if { req.ssl_hello_type 1 }
    use_backend ssh if { req.payload(0,7) -m str SSH-2.0 }
    use_backend desktop if { req.rdp_cookie(msts) -m found }
    use_backend web if HTTP
backend tls
    tcp-response inspect-delay 2s
    tcp-response content set-var(sess.answer) rep_ssl_hello_type if { res.ssl_hello_type gt 0 }
    tcp-response content accept if { res.ssl_hello_type 2 }
    tcp-response content reject
    server s 127.0.0.1:$p1
backend acme
    server s 127.0.0.1:$p1
backend ssh
    server s 127.0.0.1:$p2
backend web
    server s 127.0.0.1:$p3
backend desktop
    server s 127.0.0.1:$p2
C
}
config "$p4" "groups=%[var(sess.groups),hex] shares=%[var(sess.shares),hex] signatures=%[var(sess.signatures),hex] ciphers=%[var(sess.ciphers),hex] curves=%[var(sess.ec)]" '    tcp-request content set-var(sess.groups) req.ssl_supported_groups
    tcp-request content set-var(sess.shares) req.ssl_keyshare_groups
    tcp-request content set-var(sess.signatures) req.ssl_sigalgs
    tcp-request content set-var(sess.ciphers) req.ssl_cipherlist
    tcp-request content set-var(sess.ec) req.ssl_ec_ext' >ours.cfg
config "$p5" "" "" >theirs.cfg
proxy ours "$p4"
background haproxy -db -f theirs.cfg >theirs.log 2>&1
"$port" wait "127.0.0.1:$p5" 10

# tls PORT ARGUMENT...: the page that a TLS client gets.
tls() {
    at=$1
    shift
    printf 'GET / HTTP/1.0\r\n\r\n' |
        timeout 5 openssl s_client -connect "127.0.0.1:$at" -quiet "$@" 2>/dev/null | head -n 1 | tr -d '\r'
}
# Everything that clients do, at that port; what they get is printed.
clients() {
    tls "$1" -servername one.example -alpn h2,http/1.1
    tls "$1" -noservername -no_ticket
    tls "$1" -servername acme.example -alpn acme-tls/1
    printf 'SSH-2.0-client\r\n' | socat -t 1 - "TCP:127.0.0.1:$1"
    { printf SSH; sleep 0.3; printf -- '-2.0-slow\r\n'; } | socat -t 1 - "TCP:127.0.0.1:$1"
    curl -s --max-time 5 "http://127.0.0.1:$1/"
    echo
    printf '\003\000\000\036\031\340\000\000\000\000\000Cookie: msts=17.1\r\n' |
        socat -t 1 - "TCP:127.0.0.1:$1" | head -n 1
    printf 'something else' | socat -t 1 - "TCP:127.0.0.1:$1"
    echo "over: $?"
}
clients "$p4" >ours.got
clients "$p5" >theirs.got
check "clients get what they ask for" is 3 "$(grep -c '^HTTP/1.0 200' ours.got)"
check "as with HAProxy" cmp ours.got theirs.got
sed 's/ groups=.*//' ours.log | grep hello= >ours.lines
# What rules about responses note is not there yet when HAProxy has decided.
sed 's/ answer=.*//' theirs.log | grep hello= | sort >theirs.lines
check "all are logged" is 9 "$(grep -c . ours.lines)"
sed "s/ answer=.*//" ours.lines | sort >without.lines
check "as by HAProxy" diff theirs.lines without.lines
check "TLS" said '^tls hello=1 sni=one.example alpn=h2 ticket=1 rdp=- answer=2' ours.lines
check "TLS without much" said '^tls hello=1 sni=- alpn=- ticket=0 rdp=- answer=2' ours.lines
check "TLS for somebody else" said '^acme hello=1 sni=acme.example alpn=acme-tls/1' ours.lines
check "SSH" is 2 "$(grep -c '^ssh hello=- ' ours.lines)"
check "HTTP" said '^web hello=- ' ours.lines
check "a remote desktop" said '^desktop .* rdp=17.1 ' ours.lines
check "something else" said '^all hello=- ' ours.lines

: >ours.log
tls "$p4" -tls1_3 -groups P-256:X25519 -sigalgs RSA-PSS+SHA256:ECDSA+SHA256 \
    -ciphersuites TLS_AES_128_GCM_SHA256 >/dev/null
check "lists of a client hello" said \
    'groups=0017001D shares=0017 signatures=08040403 ciphers=1301(00FF)? curves=1' ours.log
: >ours.log
tls "$p4" -tls1_2 -cipher AES128-SHA256 -no_ticket >/dev/null
check "a client hello without curves" said 'groups=- shares=- signatures=[0-9A-F]+ ciphers=003C00FF curves=0' ours.log
