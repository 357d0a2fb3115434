# build.awk - medians of the build-time rows.
#
# Input: "proxy=COMMAND turn=first|again key=value ..." a line.

{
    name = substr($1, 7)
    if (!(name in rank)) {
        rank[name] = ++names
        label[names] = name
    }
    if ($2 ~ /^why=/) {
        why[name] = substr($2, 5)
        gsub("~", " ", why[name])
        next
    }
    turn = substr($2, 6)
    n = ++runs[name, turn]
    for (i = 3; i <= NF; i++) {
        split($i, pair, "=")
        value[name, turn, pair[1], n] = pair[2]
        if (pair[1] == "status" && pair[2] != 0)
            failed[name] = pair[2]
    }
}

function median(name, turn, key, i, j, n, v) {
    n = 0
    for (i = 1; i <= runs[name, turn]; i++) {
        v = value[name, turn, key, i] + 0
        for (j = n++; j > 0 && s[j] > v; j--)
            s[j + 1] = s[j]
        s[j + 1] = v
    }
    return n % 2 ? s[(n + 1) / 2] : (s[n / 2] + s[n / 2 + 1]) / 2
}

END {
    printf "  %-10s %10s %10s %10s %10s\n", "command", "first ms", "again ms", "cpu ms", "peak MB"
    for (i = 1; i <= names; i++) {
        name = label[i]
        if (name in why)
            printf "  %-10s n/a (%s)\n", name, why[name]
        else if (name in failed)
            printf "  %-10s failed with status %d\n", name, failed[name]
        else
            printf "  %-10s %10.1f %10.1f %10.1f %10.1f\n", name, median(name, "first", "wall_ms"),
                median(name, "again", "wall_ms"), median(name, "first", "cpu_ms"),
                median(name, "first", "peak_kb") / 1024
    }
}
