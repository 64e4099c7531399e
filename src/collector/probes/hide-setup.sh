# HIDE: awk functions that take secrets out of command lines before they leave the host, by what stands before them.
#   hide(text)    `--password=x`, `--token x`, `TOKEN=x`, `Bearer x`, `user:x@host`: x becomes [redacted]
#   hidearg(text) the same for one argument alone;  names(text): it names a secret, so the next argument is one
# shellcheck disable=SC2016 # fields of awk
HIDE='
  function hide(s,  out, low) {
    out = ""
    while (match(low = tolower(s), /(passw(or)?d|passphrase|secret|token|api_?-?key|credential|authorization|bearer|basic)[a-z0-9_-]*(\\?["\047])?(=|:[ \t]*|[ \t]+)(\\?["\047])?[^ \t"\047\\][^ \t"\047]*/)) {
      low = substr(low, RSTART, RLENGTH)
      match(low, /^[a-z0-9_-]+(\\?["\047])?(=|:[ \t]*|[ \t]+)(\\?["\047])?/)
      KEPT = RLENGTH; match(tolower(s), /(passw(or)?d|passphrase|secret|token|api_?-?key|credential|authorization|bearer|basic)[a-z0-9_-]*(\\?["\047])?(=|:[ \t]*|[ \t]+)(\\?["\047])?[^ \t"\047\\][^ \t"\047]*/)
      if (substr(low, KEPT + 1) ~ /^(bearer|basic|token)$/) { out = out substr(s, 1, RSTART + KEPT - 1); s = substr(s, RSTART + KEPT); continue }
      out = out substr(s, 1, RSTART + KEPT - 1) "[redacted]"
      s = substr(s, RSTART + RLENGTH)
    }
    s = out s; out = ""
    while (match(s, /:\/\/[^ \t\/:@]*:[^ \t\/@]+@/)) {
      low = substr(s, RSTART, RLENGTH); match(low, /:\/\/[^:]*:/); KEPT = RLENGTH
      match(s, /:\/\/[^ \t\/:@]*:[^ \t\/@]+@/)
      out = out substr(s, 1, RSTART + KEPT - 1) "[redacted]@"; s = substr(s, RSTART + RLENGTH)
    }
    return out s
  }
  function names(s) { return tolower(s) ~ /^"?-*[a-z0-9_-]*(passw(or)?d|passphrase|secret|token|api-?key|credential)[a-z0-9_-]*"?$/ }
'
