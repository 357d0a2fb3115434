#!/bin/sh
# What each pass makes of a configuration: NAME.cfg gives NAME.syntax, NAME.model, NAME.plan, NAME.c
# "make golden-update" writes them anew; read the difference before you commit it.
cd "$TOP/tests/golden" || exit 1
dump=$BUILD/golden/dump
status=0
for cfg in *.cfg; do
    name=${cfg%.cfg}
    for pass in syntax model plan c; do
        if [ "$1" = --update ]; then
            "$dump" $pass "$cfg" >"$name.$pass" || status=1
            continue
        fi
        if difference=$("$dump" $pass "$cfg" 2>&1 | diff -u "$name.$pass" -); then
            echo "ok $name: $pass"
        else
            echo "$difference" | head -n 40 | sed 's/^/# /'
            echo "not ok $name: $pass"
            status=1
        fi
    done
done
exit $status
