# Makes a case file out of a table of expressions; see "Tables of expressions" in README.md.
# All expressions that have to agree share one configuration; each one that differs on some input
# has a configuration of its own, so that the others are still compared.

function put_config(n, exprs, i) {
    print "config"
    print "    global"
    print "        nbthread 1"
    print "        tune.bufsize 131072"
    print "        tune.http.maxhdr 4000"
    print "    defaults"
    print "        mode http"
    print "        timeout client 5s"
    print "        timeout server 5s"
    print "        timeout connect 5s"
    print "    frontend www"
    print "        bind 127.0.0.1:@LISTEN@"
    printf "%s", rules
    for (i = 1; i <= n; i++)
        print "        " place " set-var(txn.x" i ") " exprs[i]
    for (i = 1; i <= n; i++)
        print "        " (place == "http-request" ? "http-response" : place) " set-header x-" i " \"[%[var(txn.x" i ",ABSENT)]]\""
    print "        default_backend app"
    print "    backend app"
    print "        server s1 127.0.0.1:@SRV1@"
    printf "%s", files
}

# What a client does for an input, and its server, when the input is what that answers.
function exchange_of(text) {
    if (text ~ /^(get|send) /)
        return text
    if (text !~ /^answer /)
        return "get / | V:" (text == "" ? "" : " " text)
    return "get /\n    server\n    send " substr(text, 8)
}

function put_case(i) {
    print "case " names[i]
    print "    " exchange_of(requests[i])
    print "    logs 0"
    print "    settled"
}

/^[ \t]*(#|$)/ { next }
{ line = $0; word = $1; sub(/^[ \t]*[^ \t]+[ \t]?/, "", line) }
BEGIN { place = "http-request" }
word == "at" { place = line; next }
word == "rule" { rules = rules "        " line "\n"; next }
word == "file" { files = files "file " line "\n"; next }
word == "line" { files = files "    " line "\n"; next }
word == "input" {
    split(line, part, /: ?/)
    names[++ninputs] = part[1]
    requests[ninputs] = substr(line, length(part[1]) + 2)
    sub(/^ /, "", requests[ninputs])
    next
}
word == "expr" { plain[++nplain] = line; next }
word == "odd" { odd[++nodd] = line; next }
word == "on" {
    split(line, part, / \| /)
    key = nodd SUBSEP part[1]
    wants[key] = part[2]
    reasons[key] = part[3]
    nwants++
    next
}
{ print "bad line: " $0 > "/dev/stderr"; failed = 1 }

END {
    if (failed || !ninputs || !nplain)
        exit 1
    put_config(nplain, plain)
    for (i = 1; i <= ninputs; i++)
        put_case(i)
    for (k = 1; k <= nodd; k++) {
        one[1] = odd[k]
        put_config(1, one)
        for (i = 1; i <= ninputs; i++) {
            put_case(i)
            key = k SUBSEP names[i]
            if (!(key in reasons))
                continue
            print "    differs " reasons[key]
            print "    proxyc x-1: [" wants[key] "]"
            nwants--
        }
    }
    if (nwants) {
        print "an 'on' line names no input" > "/dev/stderr"
        exit 1
    }
}
