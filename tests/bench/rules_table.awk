# rules_table.awk - medians and ratios of kinds of rules.
#
# Input: "kind=K n=N proxy=P key=value ..." a line; a run under load has cpu_us and errors, a count
# has insn. `form` is table (one kind), tsv (all), head and markdown (a row for one kind).
# Keep in mind: as in table.awk, a ratio is taken within each round, and its median is printed.

function add_size(n) {
    if (!((wanted, n) in known)) {
        known[wanted, n] = 1
        size[++sizes] = n
    }
}

{
    split("", pair)
    for (i = 1; i <= NF; i++) {
        split($i, part, "=")
        pair[part[1]] = part[2]
    }
    wanted = pair["kind"]
    if (kind != "" && wanted != kind)
        next
    at = wanted SUBSEP pair["n"] SUBSEP pair["proxy"]
    if ("insn" in pair)
        insn[at] = pair["insn"]
    else
        cpu[at, ++runs[at]] = pair["cpu_us"]
    if (kind != "")
        add_size(pair["n"])
    else if (!((at) in told)) {
        told[at] = 1
        rank[++ranks] = at
    }
}

# Adds v to the first n elements of s, which are sorted.
function insert(n, v, j) {
    for (j = n; j > 0 && s[j] > v; j--)
        s[j + 1] = s[j]
    s[j + 1] = v
}

function middle(n) {
    return n % 2 ? s[(n + 1) / 2] : (s[n / 2] + s[n / 2 + 1]) / 2
}

function median(at, i) {
    for (i = 1; i <= runs[at]; i++)
        insert(i - 1, cpu[at, i] + 0)
    return runs[at] ? middle(runs[at]) : 0
}

function short(r) {
    return sprintf(r < 0.1 ? "%.3f" : "%.2f", r)
}

function ratio(at, other, i, count) {
    count = 0
    for (i = 1; i <= runs[at] && i <= runs[other]; i++)
        if (cpu[at, i] > 0 && cpu[other, i] > 0)
            insert(count++, cpu[at, i] / cpu[other, i])
    return count ? short(middle(count)) : "-"
}

function quotient(a, b) {
    return a > 0 && b > 0 ? short(a / b) : "-"
}

function place(n, proxy) {
    return kind SUBSEP n SUBSEP proxy
}

function half(n, proxy, at, plain, ten) {
    at = place(n, proxy)
    plain = place(0, proxy)
    ten = place(10, proxy)
    printf " | %9.2f %7s %7s %10s %7s %7s", median(at), ratio(at, plain), ratio(at, ten),
        insn[at] ? insn[at] : "-", quotient(insn[at], insn[plain]), quotient(insn[at], insn[ten])
}

function table(i) {
    printf "  %7s | %-52s | %-52s |\n", "", "haproxy", "proxyc"
    printf "  %7s", "N"
    for (i = 0; i < 2; i++)
        printf " | %9s %7s %7s %10s %7s %7s", "cpu us", "x plain", "x N=10", "insn", "x plain",
            "x N=10"
    printf " | %6s\n", "x hapr"
    for (i = 1; i <= sizes; i++) {
        printf "  %7s", size[i] ? size[i] : "plain"
        half(size[i], "haproxy")
        half(size[i], "proxyc")
        printf " | %6s\n", ratio(place(size[i], "proxyc"), place(size[i], "haproxy"))
    }
}

function thousands(v, s) {
    for (s = sprintf("%d", v); match(s, /[0-9][0-9][0-9][0-9](,|$)/);)
        s = substr(s, 1, RSTART) "," substr(s, RSTART + 1)
    return s
}

function micro(at, m) {
    m = median(at)
    return m < 100 ? sprintf("%.1f", m) : thousands(m)
}

# From the smallest number of rules to the largest; a kind of one size against the plain proxy.
function markdown(from, to, ours, i, was) {
    from = size[2] != "" && sizes > 2 ? size[2] : size[1]
    to = size[sizes]
    ours = place(to, "proxyc")
    was = place(from, "proxyc")
    printf "| %s: %s | %s to %s | %s to %s | %s to %s | %s | %s | %s to %s |\n", kind, title,
        thousands(from), thousands(to), micro(place(from, "haproxy")), micro(place(to, "haproxy")),
        micro(was), micro(ours), ratio(ours, was), ratio(ours, place(to, "haproxy")),
        insn[was] ? thousands(insn[was]) : "-", insn[ours] ? thousands(insn[ours]) : "-"
}

END {
    if (form == "table")
        table()
    else if (form == "head") {
        print "| rules | N | haproxy us | proxyc us | last / first | proxyc / haproxy |" \
            " proxyc instructions |"
        print "|---|---|---|---|---|---|---|"
    } else if (form == "markdown")
        markdown()
    else
        for (i = 1; i <= ranks; i++) {
            split(rank[i], part, SUBSEP)
            printf "%s\t%s\t%s\t%.3f\t%s\n", part[1], part[2], part[3], median(rank[i]),
                insn[rank[i]] ? insn[rank[i]] : "-"
        }
}
