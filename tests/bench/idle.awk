# idle.awk - bytes of user memory per client connection: silent ones, and those kept alive after a
# request, or waiting for an answer.
#
# Input: "proxy=NAME key=value ..." a line, one line a proxy. `order` lists the proxies.

{
    name = substr($1, 7)
    if ($2 ~ /^why=/) {
        why[name] = substr($2, 5)
        gsub("~", " ", why[name])
        next
    }
    seen[name] = 1
    for (i = 2; i <= NF; i++) {
        split($i, pair, "=")
        value[name, pair[1]] = pair[2]
    }
}

function ratio(key, name) {
    if (!(value["haproxy", key] > 0))
        return "-"
    return sprintf("%.2f", value[name, key] / value["haproxy", key])
}

END {
    count = split(order, names, " ")
    second = "kept"
    for (i = 1; i <= count; i++)
        if (value[names[i], "active_rss"] != "")
            second = "active"
    printf "  %-8s %8s   %22s %7s   %22s %7s %6s\n", "proxy", "base kB", "silent: RSS / private",
        "x hapr", second ": RSS / private", "x hapr", "errors"
    for (i = 1; i <= count; i++) {
        name = names[i]
        if (!seen[name]) {
            printf "  %-8s n/a (%s)\n", name, why[name]
            continue
        }
        printf "  %-8s %8d   %10d / %9d %7s   %10d / %9d %7s %6d\n", name, value[name, "base_kb"],
            value[name, "silent_rss"], value[name, "silent_private"], ratio("silent_private", name),
            value[name, second "_rss"], value[name, second "_private"],
            ratio(second "_private", name),
            value[name, "errors"]
    }
}
