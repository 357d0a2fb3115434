# syscalls.awk - calls per request, a line for each system call, a column for each proxy.
#
# Input: "requests proxy call calls errors" a line; n1 and n2 are the two numbers of requests.
# Calls below a thousandth per request are left out of the list, not out of the sum.

{
    sign = $1 == n2 ? 1 : -1
    calls[$2, $3] += sign * $4 / (n2 - n1)
    errors[$2, $3] += sign * $5 / (n2 - n1)
    seen[$3] = 1
    runs[$2, $1] = 1
}

function is_known(proxy) {
    return runs[proxy, n1] && runs[proxy, n2]
}

END {
    count = split(order, proxies, " ")
    printf "  %-16s", "calls (failed)"
    for (i = 1; i <= count; i++)
        if (is_known(proxies[i]))
            printf " %16s", proxies[i]
    printf "\n"
    fflush()
    for (call in seen) {
        most = 0
        line = sprintf("  %-16s", call)
        for (i = 1; i <= count; i++) {
            if (!is_known(proxies[i]))
                continue
            n = calls[proxies[i], call]
            most = n > most ? n : most
            sum[i] += n
            line = line sprintf(" %7.3f (%6.3f)", n, errors[proxies[i], call])
        }
        if (most >= 0.001)
            print line | "sort -k2,2nr"
    }
    close("sort -k2,2nr")
    printf "  %-16s", "sum"
    for (i = 1; i <= count; i++)
        if (is_known(proxies[i]))
            printf " %7.3f %8s", sum[i], ""
    printf "\n"
}
