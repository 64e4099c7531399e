# What the configuration tells apart. Functions of the set-up; sshd-setup.sh calls them.
#   SSHD_FILES SSHD_GLOBS SSHD_MATCHES  configuration files in reading order, Include patterns, Match lines; one per line
SSHD_FILES=
SSHD_MATCHES=
SSHD_GLOBS=
# trace_config: the files, Include patterns and Match lines as sshd itself meets them; works where -T does not.
trace_config() {
  _t=$(
    _old=$IFS; IFS=$NL; set -f
    # shellcheck disable=SC2086 # one argument per line
    set -- $SSHD_FLAGS
    set +f; IFS=$_old
    T 10 "$SSHD" -t -ddd "$@" 2>&1 | tr -d '\r' | sed -n \
      -e 's/^debug2: load_server_config: filename /F/p' \
      -e 's/^debug2: .* line [0-9]*: new include /G/p' \
      -e "s/^debug3: checking syntax for '[^ =]*[ =]*\\(.*\\)'[^']*\$/M\\1/p" | awk '!seen[$0]++' | head -c 200000
  )
  _old=$IFS; IFS=$NL; set -f
  for _l in $_t; do
    case $_l in
      F*) SSHD_FILES=$SSHD_FILES${SSHD_FILES:+$NL}${_l#F} ;;
      G*) SSHD_GLOBS=$SSHD_GLOBS${SSHD_GLOBS:+$NL}${_l#G} ;;
      M*) SSHD_MATCHES=$SSHD_MATCHES${SSHD_MATCHES:+$NL}${_l#M} ;;
    esac
  done
  set +f; IFS=$_old
  [ -n "$SSHD_FILES" ] || walk_config
}
# walk_config: the same read from the text, where sshd would not say.
walk_config() {
  _f=/etc/ssh/sshd_config
  case "$NL$SSHD_FLAGS" in *"$NL-f$NL"*) _f=${SSHD_FLAGS#*-f"$NL"}; _f=${_f%%"$NL"*} ;; esac
  _todo=$_f$NL _count=0
  while [ -n "$_todo" ] && [ "$_count" -lt 256 ]; do
    _f=${_todo%%"$NL"*}; _todo=${_todo#*"$NL"}; _count=$((_count + 1))
    case $NL$SSHD_FILES$NL in *"$NL$_f$NL"*) continue ;; esac
    [ -f "$_f" ] || continue
    SSHD_FILES=$SSHD_FILES${SSHD_FILES:+$NL}$_f
    for _g in $(head -c 1000000 "$_f" | sed -n 's/^[[:space:]]*[Ii][Nn][Cc][Ll][Uu][Dd][Ee][[:space:]=]\{1,\}//p' | tr -d '"'); do
      case $_g in /*) ;; *) _g=/etc/ssh/$_g ;; esac
      SSHD_GLOBS=$SSHD_GLOBS${SSHD_GLOBS:+$NL}$_g
      for _i in $_g; do [ ! -f "$_i" ] || _todo=$_todo$_i$NL; done
    done
    SSHD_MATCHES=$SSHD_MATCHES${SSHD_MATCHES:+$NL}$(head -c 1000000 "$_f" | sed -n 's/^[[:space:]]*[Mm][Aa][Tt][Cc][Hh][[:space:]=]\{1,\}//p')
  done
}

# plan: from accounts, their groups and Match lines to classes of accounts no Match line can tell apart (`C representative
# account`) and connections that every Match line names (`X host address local-address local-port`), tab-separated.
plan() {
  {
    put "$SSHD_MATCHES$NL" | sed 's/^/m	/'
    put "$PORTS$NL" | sed 's/^/p	/'
    put "$ACCOUNT_GROUPS" | sed 's/^/a	/'
    echo "u${TAB}root"
    echo "u$TAB$NOBODY"
  } | awk -F '\t' -v nh="$NEUTRAL_HOST" -v na="$NEUTRAL_ADDR" -v nl="$NEUTRAL_LADDR" -v np="$NEUTRAL_PORT" '
    function glob(p,   i, c, r) {
      r = "^"
      for (i = 1; i <= length(p); i++) {
        c = substr(p, i, 1)
        if (c == "*") r = r ".*"; else if (c == "?") r = r "."
        else if (c ~ /[A-Za-z0-9_-]/) r = r c; else if (c == "^" || c == "\\") r = r "\\" c; else r = r "[" c "]"
      }
      return r "$"
    }
    # A value the pattern matches: for a network its first address.
    function member(p) { sub(/^!/, "", p); sub(/\/[0-9]+$/, "", p); gsub(/[*?]/, "1", p); return p }
    function add(h, a, l, p,   k) { k = h "\t" a "\t" l "\t" p; if (!(k in conn)) { conn[k] = 1; order[++conns] = k } }
    function class(name, words,   k, i, j, n, w) {
      if (hard) return "=" name
      k = ""
      for (i = 1; i <= users; i++) k = k (name ~ ure[i] ? "1" : "0")
      n = split(words, w, " ")
      for (i = 1; i <= groups; i++) { c = "0"; for (j = 1; j <= n; j++) if (w[j] ~ gre[i]) c = "1"; k = k c }
      return k
    }
    $1 == "m" && $2 != "" {
      line = $2; sub(/[ ]#.*$/, "", line)
      if (line ~ /["\\\047]/) { hard = 1; gsub(/["\\\047]/, "", line) }
      gsub(/=/, " ", line)
      n = split(line, t, " "); split("", val); most = 1
      for (i = 1; i <= n; i++) {
        k = tolower(t[i])
        if (k == "all" || k == "invalid-user" || k == "canonical" || k == "final") continue
        v = t[++i]; m = split(v, at, ",")
        for (j = 1; j <= m && j <= 8; j++) val[k, j] = member(at[j])
        cnt[k] = m < 8 ? m : 8; if (k != "user" && k != "group" && cnt[k] > most) most = cnt[k]
        for (j = 1; j <= m; j++) {
          p = at[j]; sub(/^!/, "", p)
          if (k == "user" && !(p in useen)) { useen[p] = 1; ure[++users] = glob(p); q = p; gsub(/[*?]/, "x", q); if (extras < 40) extra[++extras] = q }
          if (k == "group" && !(p in gseen)) { gseen[p] = 1; gre[++groups] = glob(p) }
        }
        if (m > 8 && k != "user" && k != "group") print "G\ta Match line names more than 8 values for " k
      }
      lines++
      for (j = 1; j <= most; j++) {
        h = ("host", 1) in val ? (("host", j) in val ? val["host", j] : val["host", 1]) : nh
        a = ("address", 1) in val ? (("address", j) in val ? val["address", j] : val["address", 1]) : na
        l = ("localaddress", 1) in val ? (("localaddress", j) in val ? val["localaddress", j] : val["localaddress", 1]) : nl
        p = ("localport", 1) in val ? (("localport", j) in val ? val["localport", j] : val["localport", 1]) : np
        if (p !~ /^[0-9]+$/) p = np
        if (h ~ /,/ || a ~ /,/) continue
        want[++wants] = h "\t" a "\t" l "\t" p
      }
      next
    }
    $1 == "p" && $2 ~ /^[0-9]+$/ { port[++ports] = $2 }
    $1 == "a" { name[++accounts] = $2; words[accounts] = $3; known[$2] = 1; if (split($3, w, " ") != split($4, w, " ")) odd[$2] = 1 }
    $1 == "u" { extra[++extras] = $2 }
    END {
      add(nh, na, nl, np)
      for (i = 1; i <= ports; i++) add(nh, na, nl, port[i])
      for (i = 1; i <= wants; i++) { split(want[i], f, "\t"); add(f[1], f[2], f[3], f[4]) }
      for (i = 1; i <= accounts; i++) {
        if (name[i] ~ /,/) { print "G\tan account name with a comma cannot be asked about"; continue }
        k = (name[i] in odd && groups) ? "=" name[i] : class(name[i], words[i])
        if (!(k in rep)) rep[k] = name[i]
        print "C\t" rep[k] "\t" name[i]
      }
      for (i = 1; i <= extras; i++) if (!(extra[i] in known) && extra[i] !~ /,/) { known[extra[i]] = 1; print "C\t" extra[i] "\t" }
      for (i = 1; i <= conns; i++) {
        if (i > 64) { print "G\tthe Match lines name more than 64 different connections: the rest was not evaluated"; break }
        print "X\t" order[i]
      }
    }'
}
