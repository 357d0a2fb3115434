#!/bin/sh
# A check: what it is told decides how it ends.
case $HAPROXY_SERVER_NAME in
fine) exit 0 ;;
fails) exit 3 ;;
slow) exec sleep 5 ;;
stubborn) # HAProxy asks it to end, and no more: not even at its own end
    trap '' TERM
    for _ in 1 2 3 4 5 6; do sleep 0.5; done ;;
killed) kill -9 $$ ;;
*) # 100 to 199, of all that it is told
    sum=$({ echo "$*"; env | grep -v '^_=\|^PWD=\|^SHLVL=\|^OLDPWD=' | sort; cat; } | cksum | cut -d' ' -f1)
    exit $((sum % 100 + 100)) ;;
esac
