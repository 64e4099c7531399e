# redact: a filter that takes secrets out of configuration text before it leaves the host. It works by the names of
# settings, whatever the syntax (ini, YAML, JSON, TOML, XML, RainerScript, command line), by the shape of values, and
# rather takes out too much. Line numbers stay. What could not be read to the end ends with `[redaction failed]`.
# shellcheck disable=SC2016 # fields of awk
redact() {
  tr -d '\000\r' | T 5 awk '
    function skip(text, opener, closer, depth,  i, n, c, q) {
      # Position behind the bracket that ends depth, quoted strings left aside; 0 when the line ends first (depth in LEFT).
      n = length(text); q = ""
      for (i = 1; i <= n; i++) {
        c = substr(text, i, 1)
        if (q != "") { if (c == "\\") i++; else if (c == q) q = ""; continue }
        if (c == "\"" || c == Q) q = c
        else if (c == opener) depth++
        else if (c == closer && --depth == 0) return i + 1
      }
      LEFT = depth
      return 0
    }
    function quoted(text, q,  i, n, c) {
      # Position behind the closing quote, doubled ones and escaped ones left aside; 0 when there is none.
      n = length(text)
      for (i = 1; i <= n; i++) {
        c = substr(text, i, 1)
        if (c == "\\") i++
        else if (c == q) { if (substr(text, i + 1, 1) == q) i++; else return i + 1 }
      }
      return 0
    }
    function named(line,  out, word, before, after, strong, sep, v, at, first, q, gone, q1, paren) {
      out = ""
      while (match(tolower(line), NAMES)) {
        before = substr(line, 1, RSTART - 1); word = substr(line, RSTART, RLENGTH); after = substr(line, RSTART + RLENGTH)
        strong = tolower(word) ~ STRONG
        first = (out before) ~ /^[ \t#;\/$-]*$/
        out = out before word
        q1 = substr(after, 1, 1); paren = 0
        if (q1 == "\"" || q1 == Q) after = substr(after, 2); else q1 = ""
        match(after, /^[ \t]*/); gone = substr(after, 1, RLENGTH); v = substr(after, RLENGTH + 1)
        sep = substr(v, 1, 1)
        if (sep ~ /[:=]/) { match(v, /^[:=>]+[ \t]*/); gone = gone substr(v, 1, RLENGTH); v = substr(v, RLENGTH + 1) }
        else if (sep == "(" && q1 == "") paren = 1
        else if (sep == ">" && q1 == "" && gone == "" && before ~ /<$/) {
          at = index(v, "<")
          if (!at) { MODE = "until"; STOP = "<"; return out ">" R }
          out = out ">" R; line = substr(v, at); continue
        }
        else if (strong && v != "" && (COMMENT || (first && gone != ""))) return out q1 gone R
        else { if (strong && first && v == "") { MODE = "next"; INDENT = -1 } line = q1 after; if (q1 != "") { out = out q1; line = after } continue }
        out = out q1 gone
        if (v == "" || v ~ /^[|>][-+0-9]*[ \t]*$/ || v ~ /^#/) {
          if (strong) { MODE = "next"; match(LINE, /^[ \t]*/); INDENT = RLENGTH }
          return out v
        }
        q = substr(v, 1, 3)
        if (q == "\"\"\"" || q == Q Q Q) {
          at = index(substr(v, 4), q)
          if (!at) { MODE = "until"; STOP = q; return out R }
          out = out q R q; line = substr(v, at + 6); continue
        }
        q = substr(v, 1, 1)
        if (q == "\"" || q == Q) {
          at = quoted(substr(v, 2), q)
          if (!at) { MODE = "quote"; STOP = q; return out q R }
          out = out q R q; line = substr(v, at + 1); continue
        }
        if (q == "{" || q == "[" || paren) {
          if (!paren) { OPEN = q; SHUT = (q == "{" ? "}" : "]") } else { OPEN = "("; SHUT = ")" }
          at = skip(v, OPEN, SHUT, 0)
          if (!at) { MODE = "bracket"; return out OPEN R }
          out = out OPEN R SHUT; line = substr(v, at); continue
        }
        # A bare value: to the end of the quoted text it stands in, else of the line.
        q = ""
        at = out; if (gsub(/"/, "", at) % 2 && q1 == "") q = "\""
        at = out; if (q == "" && gsub(Q, "", at) % 2 && q1 == "") q = Q
        at = (q == "" ? 0 : index(v, q))
        if (!at) return out R
        out = out R; line = substr(v, at)
      }
      return out line
    }
    function shaped(line,  out, run, low) {
      # By shape: user:password@ and query of an address, words after an authentication scheme, long random words.
      gsub(/:\/\/[^ \t"<>]*@/, "://" R "@", line)
      while (match(line, /:\/\/[^ \t"<>?]*[?][^ \t"<>]+/)) {
        run = substr(line, RSTART, RLENGTH); sub(/[?].*$/, "", run)
        line = substr(line, 1, RSTART - 1) run "#" R substr(line, RSTART + RLENGTH)
      }
      out = ""
      while (match(tolower(line), /(bearer|basic|splunk|token|negotiate|apikey)[ \t]+[^ \t"]+/)) {
        run = substr(line, RSTART, RLENGTH)
        match(run, /[ \t]+/); low = substr(run, RSTART + RLENGTH); run = substr(run, 1, RSTART + RLENGTH - 1)
        at = index(line, run low)
        out = out substr(line, 1, at - 1) run (length(low) > 7 ? R : low); line = substr(line, at + length(run low))
      }
      line = out line; out = ""
      while (match(line, /[A-Za-z0-9_+=-]+/)) {
        run = substr(line, RSTART, RLENGTH)
        out = out substr(line, 1, RSTART - 1) (RLENGTH > 31 && run ~ /[0-9]/ && run ~ /[A-Za-z]/ ? R : run)
        line = substr(line, RSTART + RLENGTH)
      }
      return out line
    }
    BEGIN {
      R = "[redacted]"; Q = "\047"; MODE = ""
      STRONG = "pass|pwd|secret|token|credential|authorization|bearer|key|psk|jaas|cookie|header|connection[-_]?string|[-_.]sas|dsn$|community|signature|license|cloud[._]auth|webhook|proxy"
      NAMES = "[a-z0-9_.-]*(" STRONG "|auth)[a-z0-9_.-]*"
    }
    {
      LINE = $0; COMMENT = ($0 ~ /^[ \t]*(#|;|\/\/)/)
      if (MODE == "pem") { if (index($0, "-----END")) MODE = ""; print R; next }
      if (MODE == "next") {
        if ($0 ~ /^[ \t]*$/) { print ""; next }
        match($0, /^[ \t]*/)
        if (INDENT < 0) { MODE = ""; print R; next }
        # The first line behind the name whatever its indent, then all that are deeper.
        if (!SEEN || RLENGTH > INDENT) { SEEN = 1; print R; next }
        MODE = ""
      }
      SEEN = 0
      if (MODE == "until") { at = index($0, STOP); if (!at) { print R; next } MODE = ""; $0 = R substr($0, at) }
      else if (MODE == "quote") { at = quoted($0, STOP); if (!at) { print R; next } MODE = ""; $0 = R substr($0, at - 1) }
      else if (MODE == "bracket") { at = skip($0, OPEN, SHUT, LEFT); if (!at) { print R; next } MODE = ""; $0 = R substr($0, at - 1) }
      if ((at = index($0, "-----BEGIN")) > 0 && $0 ~ /PRIVATE|OPENSSH|PGP/) { if (!index($0, "-----END")) MODE = "pem"; print substr($0, 1, at - 1) R; next }
      print shaped(named($0))
    }' || printf '\n%s\n' '[redaction failed]'
}
