# Where keys and principals can lie: every account times every pattern that any connection gets.
SOH=$(printf '\001')

# HUNG: homes that do not answer, one per line. A dead network mount must cost seconds, not the run.
HUNG=
find_hung() {
  _old=$IFS; IFS=$NL; set -f
  _x=$(put "$ACCOUNTS" | awk -F: '$7 ~ /^\// && !seen[$7]++ { print $7 }')
  # shellcheck disable=SC2086 # one home per line
  set -- $_x
  set +f; IFS=$_old
  [ "$#" -gt 0 ] || return
  T 5 stat -L -c %i -- "$@"
  case $? in 124 | 137 | 143) ;; *) return ;; esac
  _end=$(($(date +%s) + 20))
  for _x in "$@"; do
    if [ "$(date +%s)" -lt "$_end" ]; then
      T 2 stat -L -c %i -- "$_x"
      case $? in 124 | 137 | 143) ;; *) continue ;; esac
    fi
    HUNG=$HUNG$_x$NL
  done
}
find_hung </dev/null >/dev/null 2>&1

# every_value KEYWORD: sets VALUES to the distinct values over every answer of sshd, one per line, one more than 50 at most.
ALL_VALUES=$(put "$SSHD_OUTPUTS" | awk '
  { i = index($0, " "); k = tolower(substr($0, 1, i - 1)); v = substr($0, i + 1) }
  k ~ /^(authorizedkeysfile|authorizedprincipalsfile|revokedkeys|trustedusercakeys)$/ && !((k, v) in seen) { seen[k, v] = 1; if (n[k]++ < 51) print k " " v }')
every_value() {
  VALUES=
  _old=$IFS; IFS=$NL; set -f
  for _v in $ALL_VALUES; do case $_v in "$1 "*) VALUES=$VALUES${_v#* }$NL ;; esac; done
  set +f; IFS=$_old
}

# candidates KEYWORD one|many PATTERNS: what sshd may open for a keyword, and the given patterns (one per line) besides.
# Lines of four fields behind SOH: `u` account path pattern; `f` - glob pattern (the same for names that are no account);
# `v` - value - (a value that was looked into); `x` - reason -.
# sshd -T prints paths without their quotes, so where a value has blanks every run of its words is offered.
candidates() {
  every_value "$1"
  put "$ACCOUNTS$NL$3$NL$NL$VALUES" | awk -v S="$SOH" -v mode="$2" '
    function line(kind, a, b, c) { print kind S a S b S c }
    function expand(p, a,   o, i, t) {
      o = ""
      while ((i = index(p, "%")) > 0) {
        o = o substr(p, 1, i - 1); t = substr(p, i + 1, 1); p = substr(p, i + 2)
        if (t == "u") o = o a; else if (t == "h") o = o home[a]; else if (t == "U") o = o uid[a]; else if (t == "%") o = o "%"; else return ""
      }
      o = o p
      if (o !~ /^\//) o = home[a] "/" o
      gsub(/\/\/+/, "/", o)
      return o
    }
    function folder(p) {
      if (p !~ /^\// || p ~ /%h/ || p !~ /%[uU]/) return
      gsub(/%[uU]/, "*", p); gsub(/%%/, "%", p)
      line("f", "", p, "")
      if (gsub(/\/\*/, "/.[!.]*", p)) line("f", "", p, "")
    }
    function offer(p,   i, path) {
      if (p == "" || tolower(p) == "none" || (p in offered)) return
      offered[p] = 1
      for (i = 1; i <= m; i++) { path = expand(p, name[i]); if (path != "") line("u", name[i], path, p) }
      folder(p)
    }
    index($0, S) { line("x", "", "a name or path with a control character was left out", ""); next }
    $0 == "" { part++; next }
    part == 0 { split($0, f, ":"); if (f[2] in home) next
      name[++m] = f[2]; uid[f[2]] = f[4]; home[f[2]] = f[7]; if (f[7] !~ /^\//) home[f[2]] = "/" f[7]; next }
    part == 1 { offer($0); next }
    ++values > 50 { line("x", "", "more than 50 different values: the rest was not looked into", ""); next }
    { line("v", "", $0, "") }
    mode == "one" { offer($0); next }
    { n = split($0, w, " ")
      for (i = 1; i <= n; i++) offer(w[i])
      if (n > 1 && n <= 8 && $0 != ".ssh/authorized_keys .ssh/authorized_keys2") {
        rest = $0; sub(/^ +/, "", rest)
        for (i = 1; i < n; i++) {
          at = 0; tail = rest
          for (j = i; j <= n; j++) { k = index(tail, w[j]) + length(w[j]) - 1; at += k; tail = substr(tail, k + 1); if (j > i) offer(substr(rest, 1, at)) }
          rest = substr(rest, index(rest, w[i]) + length(w[i])); sub(/^ +/, "", rest)
        }
      }
      if (n > 8) line("x", "", "a value of more than 8 words was read word by word", "")
    }'
}

gap() { word "$1"; echo "gap $W"; }

# look KIND ACCOUNT PATH PATTERN MAXBYTES: a `use KIND account path pattern` record if something is there, and its `F`
# record once; `denied account path` if that cannot be told. BUDGET bounds the bytes of all files together.
LOOKED=$SOH
LOOKS=0
BUDGET=0
look() {
  for _h in $HUNG; do case $3 in "$_h"/*) word "$2"; _x=$W; word "$3"; echo "hung $_x $W"; return ;; esac; done
  if [ ! -e "$3" ] && [ ! -L "$3" ]; then
    if [ "$1" = u ] && ! absent "$3"; then word "$2"; _x=$W; word "$3"; echo "denied $_x $W"; fi
    return
  fi
  word "$2"; _x=$W; word "$3"; _y=$W; word "$4"
  echo "use $1 $_x $_y $W"
  case $LOOKED in *"$SOH$3$SOH"*) return ;; esac
  LOOKED=$LOOKED$3$SOH LOOKS=$((LOOKS + 1))
  if [ "$LOOKS" -gt 3000 ]; then
    [ "$LOOKS" != 3001 ] || gap 'more than 3000 files: the rest was not read'
  elif [ "$BUDGET" -gt 0 ]; then
    read_file "$3" "$5"
    _x=$5
    # shellcheck disable=SC2086 # six words
    set -- $S
    case $4 in -) _x=0 ;; ????????*) ;; *) [ "$4" -gt "$_x" ] || _x=$4 ;; esac
    BUDGET=$((BUDGET - _x))
  else
    read_file "$3" 1
  fi
}

# look_glob GLOB PATTERN KIND ACCOUNT MAXBYTES: every file the shell's own expansion finds.
look_glob() {
  _g=${1%%[*?[]*}; _g=${_g%/*}
  if [ -d "${_g:-/}" ] && [ ! -r "${_g:-/}" ]; then word "${_g:-/}"; echo "denied - $W"; return; fi
  _old=$IFS; IFS=; set +f
  _m=0
  # shellcheck disable=SC2086 # expansion is the point
  for _f in $1; do
    IFS=$_old
    _m=$((_m + 1))
    [ "$_m" -le 2000 ] || { gap "more than 2000 files in $1: the rest was not read"; break; }
    if [ -e "$_f" ] || [ -L "$_f" ]; then look "$3" "$4" "$_f" "$2" "$5"; fi
  done
  IFS=$_old; set -f
}

# hunt KEYWORD one|many PATTERNS MAXBYTES BUDGET
hunt() {
  BUDGET=$5 _max=$4
  [ "$OUTPUTS" -gt 0 ] || gap 'sshd did not tell its configuration: only the usual places were looked into'
  _list=$(candidates "$1" "$2" "$3")
  _old=$IFS; IFS=$NL; set -f
  for _l in $_list; do
    IFS=$_old
    _kind=${_l%%"$SOH"*} _l=${_l#*"$SOH"}
    _who=${_l%%"$SOH"*} _l=${_l#*"$SOH"}
    _path=${_l%%"$SOH"*} _pattern=${_l#*"$SOH"}
    case $_kind in
      u)
        look u "$_who" "$_path" "$_pattern" "$_max"
        case $_path in *[*?[\\]*) look_glob "$_path" "$_pattern" g "$_who" "$_max" ;; esac ;;
      f) look_glob "$_path" '' f '' "$_max" ;;
      v) word "$_path"; echo "value $W" ;;
      x) gap "$_path" ;;
    esac
  done
  set +f; IFS=$_old
}
