# table.awk - medians and ratios of a row under load.
#
# Input: "proxy=NAME key=value ..." a line, one line a run. `order` lists the proxies.
# Keep in mind: a shared machine is slower at some times than at others, for all proxies alike.
# So a ratio is taken within each round, between runs that followed each other, and the median
# of these ratios is printed: it may differ from the ratio of the medians, and is the better one.

{
    name = substr($1, 7)
    if ($2 ~ /^why=/) {
        why[name] = substr($2, 5)
        gsub("~", " ", why[name])
        next
    }
    runs[name]++
    for (i = 2; i <= NF; i++) {
        split($i, pair, "=")
        value[name, pair[1], runs[name]] = pair[2]
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

function median(name, key, i) {
    for (i = 1; i <= runs[name]; i++)
        insert(i - 1, value[name, key, i] + 0)
    return middle(runs[name])
}

# The median over the rounds of name's value divided by other's; range is set to "low-high".
function ratio(name, other, key, i, n, a, b) {
    n = 0
    range = "-"
    for (i = 1; i <= runs[name] && i <= runs[other]; i++) {
        a = value[name, key, i]
        b = value[other, key, i]
        if (a > 0 && b > 0)
            insert(n++, a / b)
    }
    if (n == 0)
        return "-"
    range = sprintf("%.2f-%.2f", s[1], s[n])
    return sprintf("%.2f", middle(n))
}

function total(name, key, i, sum) {
    for (i = 1; i <= runs[name]; i++)
        sum += value[name, key, i]
    return sum + 0
}

function print_row(name, x, x_range, x_floor) {
    x = ratio(name, "haproxy", "cpu_us")
    x_range = range
    x_floor = ratio(name, "floor", "cpu_us")
    printf "  %-8s %8.2f %6s %10s %7s %8.0f %6s %8.0f %8.0f %8.0f %5.0f%% %6.2f %6d\n", name,
        median(name, "cpu_us"), x, x_range, x_floor, median(name, "rps"),
        ratio(name, "haproxy", "rps"), median(name, "p50_us"), median(name, "p99_us"),
        median(name, "p999_us"), median(name, "cpu_share") * 100,
        median(name, "switches") + median(name, "preempted"), total(name, "errors")
}

END {
    printf "  %-8s %8s %6s %10s %7s %8s %6s %8s %8s %8s %6s %6s %6s\n", "proxy", "cpu us",
        "x hapr", "range", "x floor", "req/s", "x hapr", "p50 us", "p99 us", "p99.9 us", "busy",
        "sw/req", "errors"
    count = split(order, names, " ")
    for (i = 1; i <= count; i++) {
        if (runs[names[i]])
            print_row(names[i])
        else
            printf "  %-8s n/a (%s)\n", names[i], why[names[i]]
    }
}
