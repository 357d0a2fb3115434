# plot.awk - cost per request against the number of rules, a small chart for each kind, as SVG.
#
#   awk -f plot.awk rules.tsv > rules.svg
#
# Input: "kind N proxy microseconds instructions" between tabs, as rules.sh leaves it. Kinds with
# fewer than three numbers of rules are left out: they are no curve.
# Keep in mind: both axes are logarithmic and the same in all charts, so that slopes can be compared:
# what is flat costs the same however many rules there are.

BEGIN {
    FS = "\t"
    colour["haproxy"] = "#b5442e"
    colour["proxyc"] = "#1f5fa8"
    proxies = split("haproxy proxyc", proxy, " ")
    columns = 3
    width = 220
    height = 150
    left = 52
    top = 46
    gap_x = 34
    gap_y = 58
    first_x = 1
    last_x = 5
    first_y = log10(5)
    last_y = log10(10000)
}

function log10(v) {
    return log(v) / log(10)
}

$2 > 0 && $4 > 0 {
    if (!($1 in sizes))
        order[++kinds] = $1
    if (!(($1, $2) in seen)) {
        seen[$1, $2] = 1
        size[$1, ++sizes[$1]] = $2
    }
    cost[$1, $3, $2] = $4
}

function x_of(n) {
    return x0 + width * (log10(n) - first_x) / (last_x - first_x)
}

function y_of(us, v) {
    v = log10(us)
    v = v < first_y ? first_y : v > last_y ? last_y : v
    return y0 + height * (last_y - v) / (last_y - first_y)
}

function text(x, y, anchor, what, more) {
    printf "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\"%s>%s</text>\n", x, y, anchor, more, what
}

function line(x1, y1, x2, y2) {
    printf "<line x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\" stroke=\"#ddd\"/>\n", x1, y1, x2, y2
}

function grid(i, n) {
    for (i = first_x; i <= last_x; i++) {
        n = 10 ^ i
        line(x_of(n), y0, x_of(n), y0 + height)
        text(x_of(n), y0 + height + 14, "middle", n < 1000 ? n : n / 1000 "k")
    }
    for (n = 10; n <= 10000; n *= 10) {
        line(x0, y_of(n), x0 + width, y_of(n))
        text(x0 - 6, y_of(n) + 4, "end", n < 1000 ? n " us" : n / 1000 " ms")
    }
}

function curve(kind, who, i, n, dots) {
    printf "<polyline fill=\"none\" stroke-width=\"2\" stroke=\"%s\" points=\"", colour[who]
    for (i = 1; i <= sizes[kind]; i++) {
        n = size[kind, i]
        if (!((kind, who, n) in cost))
            continue
        printf "%.1f,%.1f ", x_of(n), y_of(cost[kind, who, n])
        dots = dots sprintf("<circle cx=\"%.1f\" cy=\"%.1f\" r=\"2.5\" fill=\"%s\"><title>%s, %d: " \
            "%.1f us</title></circle>\n", x_of(n), y_of(cost[kind, who, n]), colour[who], who, n,
            cost[kind, who, n])
    }
    printf "\"/>\n%s", dots
}

function chart(number, kind, i) {
    x0 = left + (number % columns) * (width + left + gap_x - 20)
    y0 = top + 18 + int(number / columns) * (height + gap_y)
    text(x0, y0 - 8, "start", kind, " font-weight=\"bold\"")
    grid()
    for (i = 1; i <= proxies; i++)
        curve(kind, proxy[i])
}

function legend(i, x) {
    text(left, 20, "start", "CPU time per request against the number of rules, the last one matches")
    for (i = 1; i <= proxies; i++) {
        x = left + 500 + 100 * (i - 1)
        printf "<rect x=\"%d\" y=\"11\" width=\"18\" height=\"4\" fill=\"%s\"/>\n", x, colour[proxy[i]]
        text(x + 24, 20, "start", proxy[i])
    }
}

END {
    for (i = 1; i <= kinds; i++)
        if (sizes[order[i]] >= 3)
            drawn[++charts] = order[i]
    rows = int((charts + columns - 1) / columns)
    w = left + columns * (width + left + gap_x - 20)
    h = top + 10 + rows * (height + gap_y)
    printf "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" font-family=\"sans-serif\" " \
        "font-size=\"11\">\n<rect width=\"100%%\" height=\"100%%\" fill=\"#fff\"/>\n", w, h
    legend()
    for (i = 1; i <= charts; i++)
        chart(i - 1, drawn[i])
    print "</svg>"
}
