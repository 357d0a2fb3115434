# rules.awk - a configuration with N rules of one kind, and the request that the last one matches.
#
#   awk -v kind=host -v n=1000 -v port=8080 -v origin=8081 -v maxconn=1000 -v logs=514 \
#       -v file=/tmp/patterns -f rules.awk          the configuration, for HAProxy and proxyc alike
#   awk -v kind=host -v n=1000 -v want=request -f rules.awk       the load generator's options
#
# For: rules.sh. With n=0 it is the plain proxy that the others are compared with.
# Not for: variety within a file; gen writes the large mixed configuration.
# Keep in mind: no rule but the last matches the request, and nothing else leads to the server. So
# an answer from the server says that the last rule was found.

function backends() {
    return n < 10 ? 1 : n < 10000 ? n / 10 : 1000
}

function host(i) {
    return "host" i ".example"
}

function backend(i) {
    return "b" i % backends()
}

# 10.0.0.0/8 in pieces of /24 and, beyond 65,536 of them, 172.0.0.0/8.
function net(i) {
    return sprintf("%d.%d.%d.0/24", i < 65536 ? 10 : 172, int(i / 256) % 256, i % 256)
}

# What every request sees is the first rule's site; ten paths a site.
function condition(i) {
    if (kind == "host" || kind == "request")
        return sprintf("{ hdr(host) -i %s }", host(i))
    if (kind == "path")
        return sprintf("{ path_beg /app%d/ }", i)
    if (kind == "hostpath")
        return sprintf("{ hdr(host) -i %s } { path_beg /app%d/ }", host(int(i / 10)), i % 10)
    if (kind == "source")
        return sprintf("{ src %s }", i == n - 1 ? "127.0.0.0/8" : net(i))
    return sprintf("{ path_reg ^/api/v[0-9]+/users%d/[a-z0-9-]+$ }", i)
}

function write_list(i) {
    printf "" > file
    for (i = 0; i < n; i++) {
        if (kind == "map")
            print host(i), backend(i) > file
        else if (kind == "cidr")
            print i == n - 1 ? "127.0.0.0/8" : net(i) > file
        else
            printf "^/api/v[0-9]+/users%d/[a-z0-9-]+$\n", i > file
    }
    close(file)
}

function write_headers() {
    print "    http-request set-header X-Forwarded-Proto https"
    print "    http-request set-header X-Forwarded-Host %[req.hdr(host)]"
    print "    http-request set-header X-Real-IP %[src]"
    print "    http-request set-header X-Forwarded-Port %[dst_port]"
    print "    http-request set-header X-Path %[path,lower]"
    print "    http-request set-header User-Agent proxy/1"
    print "    http-request set-header Referer %[req.hdr(referer),lower]"
    print "    http-request add-header Via \"1.1 edge\""
    print "    http-request add-header X-Trace %[req.hdr(host),crc32,hex]"
    print "    http-request del-header Cookie"
    print "    http-request del-header DNT"
    print "    http-request del-header Sec-Fetch-Dest"
    print "    http-request replace-header Accept-Language ^([a-z]+)-.* \\1"
    print "    http-request replace-value Accept-Encoding deflate identity"
    print "    http-response set-header Server edge"
    print "    http-response set-header X-Frame-Options DENY"
    print "    http-response add-header X-Served-By %[be_name]"
    print "    http-response del-header Last-Modified"
    print "    http-response replace-header Content-Type ^text/(.*) text/\\1;charset=utf-8"
    print "    http-response replace-value ETag -.* -x"
}

function write_log() {
    print "    log 127.0.0.1:" logs " local0"
    print "    log-format \"%ci:%cp [%tr] %ft %b/%s %TR/%Tw/%Tc/%Tr/%Ta %ST %B %U %tsc" \
        " %ac/%fc/%bc/%sc/%rc %sq/%bq %rt %HM %{+Q}HU\""
}

function write_rules(i) {
    if (kind == "request") {
        for (i = 0; i < n; i++)
            printf "    http-request set-header X-Site site%d if %s\n", i, condition(i)
        print "    use_backend b0 if { req.hdr(x-site) site" n - 1 " }"
        return
    }
    if (kind == "map")
        print "    use_backend %[req.hdr(host),lower,map(" file ")]"
    else if (kind == "cidr")
        print "    use_backend b0 if { src -f " file " }"
    else if (kind == "regexset")
        print "    use_backend b0 if { path_reg -f " file " }"
    else
        for (i = 0; i < n; i++)
            printf "    use_backend %s if %s\n", backend(i), condition(i)
}

function write_frontend() {
    print "frontend bench\n    bind 127.0.0.1:" port
    if (n == 0 || kind == "headers" || kind == "log") {
        if (n > 0 && kind == "headers")
            write_headers()
        else if (n > 0)
            write_log()
        print "    default_backend b0"
    } else
        write_rules()
}

function write_config(i) {
    print "global\n    nbthread 1\n    maxconn " maxconn "\n"
    print "defaults\n    mode http\n    timeout connect 5s\n    timeout client 10m"
    print "    timeout server 10m\n    http-reuse always\n"
    write_frontend()
    for (i = 0; i < backends(); i++)
        print "\nbackend b" i "\n    server s 127.0.0.1:" origin
}

# The plain proxy gets the request of 10 rules.
function print_request(last) {
    last = (n > 0 ? n : 10) - 1
    if (kind == "headers")
        print "-x 12"
    else if (kind == "path")
        printf "-p /app%d/index.html\n", last
    else if (kind == "hostpath")
        printf "-H %s -p /app%d/index.html\n", host(int(last / 10)), last % 10
    else if (kind == "regex" || kind == "regexset")
        printf "-p /api/v2/users%d/some-item-17\n", last
    else if (kind == "host" || kind == "request" || kind == "map")
        print "-H " host(last)
    else
        print ""
}

BEGIN {
    if (want == "request") {
        print_request()
        exit
    }
    if (n > 0 && (kind == "map" || kind == "cidr" || kind == "regexset"))
        write_list()
    write_config()
}
