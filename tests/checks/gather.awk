# What a side says about each row of a table, as lines "ROW<tab>TEXT": log lines, then columns of
# "show stat typed" about checks. Ports, how long something took, and whether a check happens to be in
# progress do not count, nor what the table says is different.
#   awk -v agents=FILE -f gather.awk TABLE LOG STATISTICS
# What an agent has said is not shown, by one side, while it is asked again: FILE remembers it.
function put(row, text,  i) {
    for (i = 1; i <= ndiffers; i++)
        if (differs_row[i] == row && text ~ differs_text[i])
            return
    print row "\t" text
}
BEGIN {
    while ((getline line < agents) > 0)
        said[substr(line, 1, index(line, "\t") - 1)] = substr(line, index(line, "\t") + 1)
    close(agents)
}
END {
    for (who in said)
        print who "\t" said[who] >agents
}
FNR == 1 { file++ }
file == 1 {
    if ($1 == "differs") {
        differs_row[++ndiffers] = $2
        sub(/^differs +[^ ]+ +/, "")
        differs_text[ndiffers] = $0
    }
    next
}
file == 2 {
    gsub(/check duration: [0-9]+ms/, "check duration: Nms")
    gsub(/127\.0\.0\.1:[0-9]+/, "ADDR")
    gsub(/port [0-9]+/, "port N")
    row = "-"
    for (i = 1; i <= NF; i++)
        if ((tolower($i) == "server" && $(i + 1) ~ /\//) || ($i == "backend" && $(i + 2) == "has")) {
            row = $(i + 1)
            sub(/\/.*/, "", row)
            break
        }
    put(row, $0)
    next
}
/^S.*\.pxname\.1:/ { row = $0; sub(/.*:/, "", row); server = "" }
/^S.*\.svname\.1:/ { server = $0; sub(/.*:/, "", server) }
/^S/ {
    split($0, part, ".")
    column = part[5]
    if (column !~ /^(status|weight|slim|chkfail|chkdown|hanafail|tracked|check_.*|last_chk|agent_.*|last_agt)$/ || column ~ /duration/)
        next
    # What a check says is not shown while the next one is made.
    if (column == "check_status")
        told = /L4CON/
    if (column == "last_chk" && !told)
        next
    text = $0
    sub(/^S\.[0-9]+\.[0-9]+/, "", text)
    sub(/str:\* /, "str:", text)
    gsub(/port [0-9]+/, "port N", text)
    if (column == "last_agt" && text !~ /str:$/)
        said[row "/" server] = text
    else if (column == "last_agt" && said[row "/" server] != "")
        text = said[row "/" server]
    put(row, server text)
}
