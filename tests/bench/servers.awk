# servers.awk - medians and ratios of each algorithm and each number of servers.
#
# Input: "proxy=NAME of=ALGORITHM n=SERVERS key=value ..." a line, one line a run.
# Ratios are taken within each round, like those of table.awk.

{
    for (i = 1; i <= NF; i++) {
        split($i, pair, "=")
        field[pair[1]] = pair[2]
    }
    if (!("n" in field))
        next
    what = field["of"] " " field["n"]
    if (!(what in known)) {
        known[what] = 1
        seen[++count] = what
    }
    cpu[what, field["proxy"], ++runs[what, field["proxy"]]] = field["cpu_us"]
    errors[what, field["proxy"]] += field["errors"]
}

function median(n, i, j, keep) {
    for (i = 2; i <= n; i++)
        for (j = i; j > 1 && s[j] < s[j - 1]; j--) {
            keep = s[j]
            s[j] = s[j - 1]
            s[j - 1] = keep
        }
    return n == 0 ? 0 : n % 2 ? s[(n + 1) / 2] : (s[n / 2] + s[n / 2 + 1]) / 2
}

function middle(what, name, i) {
    for (i = 1; i <= runs[what, name]; i++)
        s[i] = cpu[what, name, i] + 0
    return median(runs[what, name])
}

function ratio(what, i, n) {
    n = 0
    for (i = 1; i <= runs[what, "proxyc"]; i++)
        if (cpu[what, "haproxy", i] > 0)
            s[++n] = cpu[what, "proxyc", i] / cpu[what, "haproxy", i]
    return median(n)
}

END {
    printf "  %-12s %8s %12s %12s %6s %7s\n", "algorithm", "servers", "haproxy us", "proxyc us",
        "x hapr", "errors"
    for (k = 1; k <= count; k++) {
        split(seen[k], part, " ")
        printf "  %-12s %8d %12.2f %12.2f %6.2f %3d %3d\n", part[1], part[2],
            middle(seen[k], "haproxy"), middle(seen[k], "proxyc"), ratio(seen[k]),
            errors[seen[k], "haproxy"], errors[seen[k], "proxyc"]
    }
}
