# The variables that hold the formats of log options say what those options say.
# shellcheck source=tests/e2e/lib.sh
. "$LIB"
# emitted MODE LINE: the generated C, without the line that the format comes from.
emitted() {
    cat >proxy.cfg <<C
defaults
    mode $1
    timeout client 1s
    timeout server 1s
    timeout connect 1s
    log 127.0.0.1:514 local0
frontend f
    bind 127.0.0.1:8080
    $2
    default_backend b
backend b
    server s 127.0.0.1:1
C
    "$BUILD/proxyc" emit proxy.cfg | sed 's/fmt_line_[0-9]*/fmt/'
}
while IFS=: read -r variable mode option; do
    emitted "$mode" "option $option" >option.c
    emitted "$mode" "log-format \"\${$variable}\"" >variable.c
    check "$variable is $option" cmp option.c variable.c
    check "... which is a format" grep -q '[.]log_line = append__fmt' variable.c
    emitted "$mode" "log-format \"\${$variable}/more\"" >more.c
    check "... and more may follow" grep -q "/more" more.c
done <<E
HAPROXY_TCP_LOG_FMT:tcp:tcplog
HAPROXY_TCP_CLF_LOG_FMT:tcp:tcplog clf
HAPROXY_HTTP_LOG_FMT:http:httplog
HAPROXY_HTTP_CLF_LOG_FMT:http:httplog clf
HAPROXY_HTTPS_LOG_FMT:http:httpslog
E
HAPROXY_TCP_LOG_FMT=mine
export HAPROXY_TCP_LOG_FMT
emitted tcp "log-format \"\${HAPROXY_TCP_LOG_FMT}\"" >variable.c
check "a variable that is set stays" grep -q mine variable.c
