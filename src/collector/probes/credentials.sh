# Private keys and certificates lying about, found by content, not by name. Only what is public leaves the host: of a
# private key its armour and its public half, of other text nothing but the certificates in it.
#   `f N path owner stat×6` (a file the following speak of)        `c N line type base64` (a certificate)
#   `k N line label encrypted head [type]` (a text key; head: base64 up to the end of the public half, or `-`)
#   `b N hex` (a binary key: its first bytes)   `p N line public-key`, `q N line DER-in-base64` (told by ssh-keygen, openssl)
#   `u N word` (first line of the .pub beside)  `looked folders files`  `gap word`
CREDENTIAL_MARKS=$(printf 'PRIVATE KEY-----\n-cert-v01@openssh.com\nPuTTY-User-Key-File-\nSSH PRIVATE KEY FILE FORMAT\nBEGIN SSH2 ENCRYPTED PRIVATE\n\013ssh-ed25519\n\007ssh-rsa\n\023ecdsa-sha2-nistp')
BRACES='{}'
export CREDENTIAL_MARKS BRACES

# Reads the files named as arguments; prints c, k, p, q and b records, then `done`. An OpenSSH key is cut, in its own
# base64, behind the public half (PROTOCOL.key): what may follow in the last four characters is a length.
# shellcheck disable=SC2016 # awk
CREDENTIAL_SCAN='
function code(i) { return index(digits, substr(body, i, 1)) - 1 }
function byte(i,   q, r, a, b) {
  q = int(i / 3) * 4; r = i % 3; a = code(q + r + 1); b = code(q + r + 2)
  return r == 0 ? a * 4 + int(b / 16) : r == 1 ? (a % 16) * 16 + int(b / 4) : (a % 4) * 64 + b
}
function public_part(   e, i, n) {
  if (substr(body, 1, 20) != "b3BlbnNzaC1rZXktdjEA") return "-"
  e = 15
  for (i = 0; i < 5; i++) {
    if (i == 3) { e += 4; continue }
    if (length(body) * 3 < (e + 4) * 4) return "-"
    n = ((byte(e) * 256 + byte(e + 1)) * 256 + byte(e + 2)) * 256 + byte(e + 3)
    if (n < 0 || n > 20000) return "-"
    e += 4 + n
  }
  n = int((e + 2) / 3) * 4
  return length(body) > n ? substr(body, 1, n) : "-"
}
function ask(   pem, i) {
  if (++asked > 60) { if (asked == 61) print "tools"; return }
  pem = "-----BEGIN " label "PRIVATE KEY-----"
  for (i = 1; i <= length(body); i += 64) pem = pem "\n" substr(body, i, 64)
  pem = pem "\n-----END " label "PRIVATE KEY-----"
  if (keygen != "") {
    printf "p %d %d ", file, first; fflush()
    print pem | keygen
    if (close(keygen) == 0) return
    print ""
  }
  if (openssl != "") { printf "q %d %d ", file, first; fflush(); print pem | openssl; close(openssl); print "" }
}
function finish(   l) {
  if (state == "armour" && body != "") {
    l = label; sub(/ +$/, "", l); gsub(/ /, "_", l)
    print "k", file, first, (l == "" ? "-" : l), enc, (l == "OPENSSH" ? public_part() : "-")
    if (!enc && l != "OPENSSH" && l != "ENCRYPTED") ask()
  }
  if (state == "putty") print "k", file, 1, "PUTTY", enc, (body == "" ? "-" : body), type
  state = ""; body = ""
}
# The rest of a line behind an armour: the body on the same line, with its line ends written out, or nothing.
function inline(s,   e, b) {
  e = index(s, "-----END"); b = e ? substr(s, 1, e - 1) : s
  gsub(/\\[nr]|&#[xX]?[0-9a-fA-F]+;|[ \t]/, "", b)
  if (b ~ /^Proc-Type:/) { enc = (b ~ /^Proc-Type:4,ENCRYPTED/); body = "="; if (e) finish(); return }
  if (match(b, "^" base64) && RLENGTH >= 16) { body = substr(b, 1, RLENGTH); if (e) finish() }
  else if (b !~ ("^[" quote ",\\\\]*$")) state = ""
}
function certificates(s,   p, t, a) {
  while ((p = index(s, "-cert-v01@openssh.com")) > 0) {
    t = p
    while (t > 1 && p - t < 60 && substr(s, t - 1, 1) ~ /[a-z0-9-]/) t--
    a = substr(s, p + 21)
    if (t < p && match(a, "^[ \t]+AAAA" base64)) {
      type = substr(s, t, p + 21 - t); s = substr(a, RLENGTH + 1); a = substr(a, 1, RLENGTH); gsub(/[ \t]/, "", a)
      # The shortest certificate has some 300 characters; a mention in a text has fewer.
      if (length(a) > 100) print "c", file, FNR, type, a
    } else s = a
  }
}
# Brackets that hold a slash, a quote or a backslash are text: in a regular expression between slashes not every awk reads
# their escapes.
BEGIN { quote = "\"\047"; base64 = "[A-Za-z0-9+/=]+"; digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"; for (i = 1; i < ARGC; i++) number[ARGV[i]] = i }
FNR == 1 {
  finish(); file = number[FILENAME]
  p = index($0, "\013ssh-ed25519"); if (!p) p = index($0, "\007ssh-rsa"); if (!p) p = index($0, "\023ecdsa-sha2-nistp")
  if ((p && p < 6) || FILENAME ~ /dropbear/ || $0 ~ /^SSH PRIVATE KEY FILE FORMAT/) print "b", file
  if ($0 ~ /^PuTTY-User-Key-File-[1-9]: /) {
    state = "putty"; enc = 0; want = 0; type = $2; sub(/\r$/, "", type)
    if (type !~ /^[A-Za-z0-9@.+-]+$/ || length(type) > 80) type = "-"
    next
  }
}
{ sub(/\r$/, "") }
state == "putty" {
  if (want > 0 && $0 ~ ("^" base64 "$") && length(body) < 20000) { body = body $0; want--; next }
  want = 0
  if ($1 == "Encryption:") enc = ($2 != "none")
  else if ($1 == "Public-Lines:" && body == "") want = $2 + 0
  else if ($1 == "Private-Lines:") finish()
  next
}
state == "armour" {
  t = $0; gsub(/\\[nr]/, "", t); sub("^[ \t>#*" quote "]+", "", t); sub("[" quote "][ \t]*[+.]?[ \t]*$", "", t); sub("[ \t,;\\\\]+$", "", t)
  if (index(t, "-----END ") == 1) { finish(); next }
  if (t == "") next
  if (body == "" && t ~ /^[A-Z][A-Za-z0-9-]*: /) { if (t ~ /^Proc-Type:.*ENCRYPTED/) enc = 1; next }
  if (t ~ ("^" base64 "$")) { if (length(body) < 70000) body = body t; next }
  finish()
}
{
  if (index($0, "-cert-v01@")) certificates($0)
  if (index($0, "---- BEGIN SSH2 ENCRYPTED PRIVATE KEY") == 1) print "k", file, FNR, "SSH2", 0, "-"
  s = $0
  while ((p = index(s, "PRIVATE KEY-----")) > 0) {
    a = substr(s, 1, p - 1); s = substr(s, p + 16); t = a
    while ((i = index(t, "-----BEGIN ")) > 0) t = substr(t, i + 11)
    if (index(a, "-----BEGIN ") && t ~ /^[A-Z0-9 ]*$/ && length(t) < 41) { finish(); label = t; enc = 0; first = FNR; state = "armour"; inline(s) }
  }
}
END { finish(); print "done" }'

# All limits together stay below the half minute a transport bears silence.
# search FIND-ARGUMENTS…: names of files with a mark, one per line, line ends inside a name as \001; what went wrong besides.
search() {
  # No parentheses: inside them busybox forgets the last `-exec … +`.
  # shellcheck disable=SC2016 # for the inner shells
  T "$LIMIT" find -H "$@" -type f -size -65k -path "*$NL*" -exec grep -qaF -e "$CREDENTIAL_MARKS" -- {} \; -exec sh -c 'printf "%s\001" "$1" | tr "\n\001" "\001\n"' sh {} \; \
    -o -type f -size -65k -name '*dropbear*' -print \
    -o -type f -size -65k ! -path "*$NL*" -exec grep -laF -e "$CREDENTIAL_MARKS" -- {} + 2>&1
  case $? in 124 | 137 | 143) echo '#' ;; esac
}
# search_links FOLDERS…: the same for what symbolic links lead to, and the folders they lead to.
search_links() {
  # shellcheck disable=SC2016
  T "$LIMIT" find -H "$@" -xdev -maxdepth 3 -type l ! -path "*$NL*" -exec sh -c 'exec find -L "$@" -maxdepth 0 -type d -print -o -type f -size -65k -exec grep -laF -e "$CREDENTIAL_MARKS" -- "$BRACES" +' sh {} + 2>&1
  case $? in 124 | 137 | 143) echo '#' ;; esac
}
credential_gap() { word "$1"; echo "gap $W"; }

# binary_head FILE: the first bytes of a key that is not text, in hexadecimal, up to where the public part ends.
binary_head() {
  _h=$(T 5 head -c 40 -- "$1" | od -An -v -tx1 | tr -d ' \n')
  case $_h in
    5353482050524956415445204b45592046494c4520464f524d415420312e310a*) put "$_h" | cut -c1-68 ;;
    0000000b7373682d6564323535313900000040*) put "$_h" | cut -c1-38 ;;
    000000077373682d727361*) put "$_h" | cut -c1-22 ;;
    0000001365636473612d736861322d6e69737470*) put "$_h" | cut -c1-46 ;;
  esac
}

# credential_records FILES…: everything about at most 600 of them.
credential_records() {
  _kg='' _os=''
  # shellcheck disable=SC2016 # for the shell that awk starts
  ! command -v ssh-keygen >/dev/null || _kg='{ ssh-keygen -y -P "" -f /dev/stdin; r=$?; cat >/dev/null; exit $r; } 2>/dev/null'
  ! command -v openssl >/dev/null || _os='{ openssl pkey -pubout -outform DER | openssl base64 -A; cat >/dev/null; } 2>/dev/null'
  _found=$(T 5 awk -v keygen="$_kg" -v openssl="$_os" "$CREDENTIAL_SCAN" "$@" 2>/dev/null </dev/null | head -c 2000000)
  case $NL$_found in
    *"$NL"done) ;;
    *) if [ "${#_found}" -ge 1999999 ]; then credential_gap 'more than 2000000 bytes of certificates: the rest was left out'
       else credential_gap 'the files that hold keys or certificates were not read to the end'; fi; _found=${_found%"$NL"*} ;;
  esac
  case $NL$_found$NL in *"${NL}tools$NL"*) credential_gap 'more than 60 unencrypted PEM keys: of the rest the public half was not made' ;; esac
  for _i in $(put "$_found$NL" | awk '/^[ckb] [0-9]/ && !seen[$2 + 0]++ { print $2 + 0 }'); do
    eval "_f=\${$_i}"
    _s=$(stat -L -c '%f %u %g %s %Y %Z %U' -- "$_f" 2>/dev/null) || _s='- - - - - - -'
    word "$_f"; _p=$W
    word "${_s#* * * * * * }"
    echo "f $_i $_p $W ${_s% *}"
  done
  put "$_found$NL" | grep '^[ckpq] .* '
  for _i in $(put "$_found$NL" | awk '/^b / { print $2 + 0 }'); do
    eval "_f=\${$_i}"
    _h=$(binary_head "$_f")
    [ -n "$_h" ] || continue
    echo "b $_i $_h"
    command -v dropbearkey >/dev/null && T 5 dropbearkey -y -f "$_f" 2>/dev/null | awk -v i="$_i" '/^(ssh|ecdsa)-/ { print "p", i, 0, $1, $2 }'
  done
  # A public half beside, for keys that do not tell their own.
  for _i in $(put "$_found$NL" | awk '/^b / || (/^k / && $6 == "-") { if (!seen[$2]++) print $2 + 0 }'); do
    eval "_f=\${$_i}"
    [ -f "$_f.pub" ] || continue
    word "$(T 5 head -c 20000 -- "$_f.pub" 2>/dev/null | tr -d '\000' | head -n 1)"
    echo "u $_i $W"
  done
}

probe_credentials() {
  _soh=$SOH
  _old=$IFS; IFS=$NL; set -f
  set --
  for _d in $CREDENTIAL_FOLDERS; do
    case $_d in
      'x '*) credential_gap "${_d#x } was not searched: it does not answer, or is a network mount that is nobody's home" ;;
      *) [ ! -d "${_d#d }" ] || set -- "$@" "${_d#d }" ;;
    esac
  done
  set +f; IFS=$_old
  _bases=$NL
  for _d in "$@"; do _bases=$_bases$_d$NL; done
  LIMIT=6; _list=$(search "$@" -xdev -maxdepth 3)
  LIMIT=3; _links=$(search_links "$@")
  # Folders behind links that lie nowhere else: `~/.ssh` may be one.
  _more='' _n=0
  _old=$IFS; IFS=$NL; set -f
  for _d in $_links; do
    case $_d in /*) ;; *) _list=$_list$NL$_d; continue ;; esac
    if [ ! -d "$_d" ]; then _list=$_list$NL$_d; continue; fi
    _r=$(readlink -f -- "$_d")
    case $_r in / | /usr | /var | /dev | /run | /proc | /sys | /bin | /sbin | /lib | /usr/local | '') continue ;; /usr/local/*) ;; /usr/* | /bin/* | /sbin/* | /lib* | /proc/* | /sys/* | /boot/*) continue ;; esac
    for _b in $_bases; do case $_r/ in "$_b"/*) continue 2 ;; esac; done
    _n=$((_n + 1)) _bases=$_bases$_r$NL _more=$_more$_r$NL
    [ "$_n" -lt 50 ] || { credential_gap 'symbolic links lead to more than 50 other folders: the rest was not searched'; break; }
  done
  _count=$#
  LIMIT=8; [ "$#" = 0 ] || _list=$_list$NL$(search "$@" -xdev -mindepth 4 -maxdepth 6)
  # shellcheck disable=SC2086 # one folder per line
  set -- $_more
  LIMIT=3; [ "$#" = 0 ] || _list=$_list$NL$(search "$@" -xdev -maxdepth 5)
  _count=$((_count + $#))
  set --
  for _f in $(case $_list in */*) put "$_list$NL" | awk '/^\// && !seen[$0]++' | head -n 601 ;; esac); do
    [ "$#" -lt 600 ] || { credential_gap 'more than 600 files hold keys or certificates: the rest was left out'; break; }
    while :; do case $_f in *"$_soh"*) _f=${_f%%"$_soh"*}$NL${_f#*"$_soh"} ;; *) break ;; esac; done
    set -- "$@" "$_f"
  done
  set +f; IFS=$_old
  case $NL$_list in *"$NL#"*) credential_gap 'the search for keys and certificates ran into its time limit' ;; esac
  _e=$(put "$_list$NL" | grep -v -e '^/' -e '^#' -e '^$' -e 'No such file' -e 'evels of symbolic links' | head -n 1001)
  [ -z "$_e" ] || credential_gap "the search for keys and certificates could not read everything ($(put "$_e$NL" | wc -l | tr -d ' ') errors): $(put "$_e$NL" | head -n 1 | head -c 300)"
  [ "$#" = 0 ] || credential_records "$@"
  echo "looked $_count $#"
}
