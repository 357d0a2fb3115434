# Reads a table of checks; see tests/checks/README.md.
#   awk -v want=scripts -f table.awk TABLE                    what tests/checks/scripted is to do
#   awk -v want=config -f table.awk -v ports=FILE TABLE       the configuration of all rows
# Ports come from what scripted wrote: "NAME PORT".
BEGIN {
    while (want == "config" && (getline line < ports) > 0) {
        split(line, part, " ")
        port[part[1]] = part[2]
    }
}
/^#/ || /^$/ { next }
/^global/ { in_global = 1; next }
/^(differs|proxyc|ask|until) / { next }
/^each/ { in_global = 2; next }
/^row / {
    in_global = 0
    name = $2
    also = 1
    script = $0
    sub(/^row +[^ ]+ */, "", script)
    if (want == "scripts")
        print name " " script
    else
        lines[name] = ""
    order[++n] = name
    next
}
/^also / {
    also++
    script = $0
    sub(/^also +/, "", script)
    if (want == "scripts")
        print name "." also " " script
    next
}
{
    line = $0
    if (in_global == 1)
        globals = globals line "\n"
    else if (in_global == 2)
        every = every line "\n"
    else
        lines[name] = lines[name] line "\n"
}
END {
    if (want != "config")
        exit
    printf "%s", globals
    for (i = 1; i <= n; i++) {
        gsub(/@PORT@/, port[order[i]], lines[order[i]])
        for (k = 2; k < 9; k++)
            gsub("@PORT" k "@", port[order[i] "." k], lines[order[i]])
        kind = lines[order[i]] ~ /(^|\n) *bind / ? "listen" : "backend"
        printf "%s %s\n%s%s", kind, order[i], every, lines[order[i]]
    }
}
