#!/bin/sh
# A check: what it is told decides how it ends.
case $HAPROXY_SERVER_NAME in
fine) exit 0 ;;
fails) exit 3 ;;
slow) exec sleep 5 ;;
stubborn) # HAProxy asks it to end, and no more: not even at its own end
    trap '' TERM
    exec sleep 5 ;;
killed) kill -9 $$ ;;
*) # 100 to 199, of all that it is told. The listeners of both sides have ports and paths of their own:
    # the port is in the server's id, too.
    sum=$({ echo "$*"; env; cat; } | sed "/^_=/d; /^PWD=/d; /^SHLVL=/d; /^OLDPWD=/d
        s/\(haproxy\|proxyc\)\.told/SIDE.told/; s/\b$HAPROXY_SERVER_ID\b/ID/g" | sort | cksum)
    exit $((${sum%% *} % 100 + 100)) ;;
esac
