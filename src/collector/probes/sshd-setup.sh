# What configuration each account would get from sshd, asked once for every probe. Needs accounts-setup.sh,
# daemon-setup.sh and match-setup.sh; what they set, and this, is for every probe:
#   values KEYWORD  `ACCOUNT<TAB>VALUE` lines over every evaluated connection; a keyword sshd does not print gives none
SSHD_MODE=direct
SSHD_PRIVSEP=
# ask_sshd ARGUMENTS…: the configuration sshd would use, with the running daemon's flags.
ask_sshd() {
  _old=$IFS; IFS=$NL; set -f
  # shellcheck disable=SC2086 # one argument per line
  set -- $SSHD_FLAGS "$@"
  set +f; IFS=$_old
  case $SSHD_MODE in
    # In mount and only in this process: sshd wants its empty folder even for a question.
    private)
      # shellcheck disable=SC2016 # for the inner shell
      T 10 unshare -m /bin/sh -c '
        mount --make-rprivate / || exit 97
        d=$1 p=${1%/*}; shift
        if [ -d "$d" ]; then mount -t tmpfs -o mode=755 tmpfs "$d" || exit 97
        else
          for s in /mnt /media /srv /var/tmp; do [ -d "$s" ] && break; done
          mount -t tmpfs -o mode=700 tmpfs "$s" && mkdir "$s/u" "$s/w" && chmod 755 "$s/u" || exit 97
          mount -t overlay -o "lowerdir=$p,upperdir=$s/u,workdir=$s/w" overlay "$p" || mount -t tmpfs -o mode=755 tmpfs "$p" || exit 97
          mkdir -m 755 "$d" || exit 97
        fi
        exec "$@"' sh "$SSHD_PRIVSEP" "$SSHD" -T "$@" ;;
    dump) T 10 "$SSHD" -G "$@" ;;
    *) T 10 "$SSHD" -T "$@" ;;
  esac
}
# spec USER HOST ADDRESS LOCAL-ADDRESS LOCAL-PORT: all five always. One left out means "no match" to newer versions and
# an error to older ones; a user or host with a comma cannot be said.
spec() { SPEC="user=$1,host=$2,addr=$3,laddr=$4,lport=$5"; }
NEUTRAL_HOST=client.invalid NEUTRAL_ADDR=192.0.2.1 NEUTRAL_LADDR=192.0.2.2 NEUTRAL_PORT=22
NOBODY=no-such-account

# evaluate USER HOST ADDRESS LOCAL-ADDRESS LOCAL-PORT: one question. Sets CASE_RC and CASE_OUTPUT, the number of the
# answer; equal answers are kept once, in SSHD_OUTPUTS behind `#NUMBER`. 0 means there was none.
SSHD_CASES=
SSHD_OUTPUTS=
SSHD_ERRORS=
OUTPUTS=0
EVALUATIONS=0
MOST_EVALUATIONS=300
evaluate() {
  spec "$@"
  if [ "$SSHD_MODE" = dump ]; then set --; else set -- -C "$SPEC"; fi
  _o=$(ask_sshd "$@" 2>/dev/null </dev/null); CASE_RC=$?
  [ "${#_o}" -le 16384 ] || _o=$(put "$_o" | head -c 65536)
  EVALUATIONS=$((EVALUATIONS + 1)) CASE_OUTPUT=0
  case $NL$_o in
    *"$NL"[Pp][Oo][Rr][Tt]' '*) [ "$CASE_RC" = 0 ] || _o= ;;
    *) _o= ;;
  esac
  if [ -z "$_o" ]; then
    [ "${#SSHD_ERRORS}" -gt 2000 ] || SSHD_ERRORS="$SSHD_ERRORS$SPEC$NL$(ask_sshd "$@" 2>&1 >/dev/null </dev/null | tr -d '\r' | head -c 1000)$NL"
    return
  fi
  _i=1
  while [ "$_i" -le "$OUTPUTS" ]; do
    if eval "[ \"\$_o\" = \"\$SSHD_OUTPUT_$_i\" ]"; then CASE_OUTPUT=$_i; return; fi
    _i=$((_i + 1))
  done
  OUTPUTS=$_i CASE_OUTPUT=$_i
  eval "SSHD_OUTPUT_$_i=\$_o"
  SSHD_OUTPUTS="$SSHD_OUTPUTS#$_i$NL$_o$NL"
}
add_case() { SSHD_CASES="$SSHD_CASES$CASE_OUTPUT$TAB$CASE_RC$TAB$1$TAB$2$TAB$3$TAB$4$TAB$5$NL"; }

# first_answer: any whole configuration, by the mildest means that works. FIRST is its number.
FIRST=0
first_answer() {
  any_answer
  FIRST=$CASE_OUTPUT
}
any_answer() {
  evaluate root "$NEUTRAL_HOST" "$NEUTRAL_ADDR" "$NEUTRAL_LADDR" "$NEUTRAL_PORT"
  [ "$CASE_OUTPUT" = 0 ] || return
  _p=$(put "$SSHD_ERRORS" | sed -n -e 's/^Missing privilege separation directory: \(\/.*\)$/\1/p' -e 's/^\(\/.*\) must be owned by root and not group or world-writable\.$/\1/p' | head -n 1)
  if [ -n "$_p" ] && command -v unshare >/dev/null; then
    SSHD_MODE=private SSHD_PRIVSEP=$_p
    evaluate root "$NEUTRAL_HOST" "$NEUTRAL_ADDR" "$NEUTRAL_LADDR" "$NEUTRAL_PORT"
    [ "$CASE_OUTPUT" = 0 ] || { SSHD_ERRORS=; return; }
  fi
  # A dump knows no connections: good enough only where no Match line could tell them apart.
  if [ -z "$SSHD_MATCHES" ]; then
    SSHD_MODE=dump
    evaluate root "$NEUTRAL_HOST" "$NEUTRAL_ADDR" "$NEUTRAL_LADDR" "$NEUTRAL_PORT"
    [ "$CASE_OUTPUT" = 0 ] || { SSHD_ERRORS=; return; }
  fi
  SSHD_MODE=direct
}

# of_first: what the set-up itself wants of the first answer, one value per line: FIRST_PORTS, FIRST_PRINCIPALS (files),
# FIRST_ALLOWED (users).
of_first() {
  FIRST_PORTS='' FIRST_PRINCIPALS='' FIRST_ALLOWED=''
  eval "_o=\${SSHD_OUTPUT_$FIRST-}"
  _o=$(put "$_o$NL" | awk '{ i = index($0, " "); k = tolower(substr($0, 1, i - 1)) } k ~ /^(port|authorizedprincipalsfile|allowusers)$/ { print k substr($0, i) }')
  _old=$IFS; IFS=$NL; set -f
  for _l in $_o; do
    case $_l in
      port\ *) FIRST_PORTS=$FIRST_PORTS${FIRST_PORTS:+$NL}${_l#* } ;;
      authorizedprincipalsfile\ *) FIRST_PRINCIPALS=$FIRST_PRINCIPALS${_l#* }$NL ;;
      allowusers\ *) FIRST_ALLOWED=$FIRST_ALLOWED${_l#* }$NL ;;
    esac
  done
  set +f; IFS=$_old
}

# names_in FOLDER: the names of what lies there, odd ones too: look_up drops them. Called, and left, without globs.
names_in() {
  _c=0
  set +f
  for _f in "$1"/*; do
    _c=$((_c + 1))
    [ "$_c" -le 500 ] || break
    put "${_f##*/}$NL"
  done
  set -f
}
# names_elsewhere: names this host knows besides the enumeration; a directory service need not enumerate.
names_elsewhere() {
  _old=$IFS; IFS=$NL; set -f
  names_in /etc/ssh/auth_principals
  for _l in $FIRST_PRINCIPALS; do case $_l in /etc/ssh/auth_principals/%u) ;; */%u) names_in "${_l%/%u}" ;; esac; done
  names_in /home
  for _l in $FIRST_ALLOWED; do put "${_l%%@*}$NL"; done
  set +f; IFS=$_old
  T 5 stat -c %U /home/* /home/*/.ssh/authorized_keys | head -n 1000
  case $SSHD_MATCHES in *[Uu][Ss][Ee][Rr]*) put "$SSHD_MATCHES$NL" | sed -n 's/^.*[Uu][Ss][Ee][Rr][ =]\{1,\}\([^ ]*\).*$/\1/p' | tr ',' "$NL" ;; esac
  { T 5 getent group || cat /etc/group; } | head -c 200000 | awk -F: '{ gsub(/,/, "\n", $4); print $4 }'
}

# CLASSES: `asked account<TAB>account` lines: what was answered for the first holds for the second.
CLASSES=
ask_everything() {
  PORTS=$FIRST_PORTS
  NEUTRAL_PORT=${PORTS%%"$NL"*}
  if [ -z "$SSHD_MATCHES" ]; then
    add_case root "$NEUTRAL_HOST" "$NEUTRAL_ADDR" "$NEUTRAL_LADDR" "$NEUTRAL_PORT"
    CLASSES=$(put "$ACCOUNTS" | awk -F: '{ print "root\t" $2 }')$NL
    return
  fi
  _plan=$(plan)
  CLASSES=$(put "$_plan$NL" | sed -n "s/^C$TAB//p")$NL
  _gaps=
  case $NL$_plan in *"${NL}G$TAB"*) _gaps=$(put "$_plan$NL" | sed -n "s/^G$TAB//p" | awk '!seen[$0]++') ;; esac
  _who=$(put "$CLASSES" | cut -f1 | awk '$0 != "" && !seen[$0]++')
  _old=$IFS; IFS=$NL; set -f
  for _g in $_gaps; do setup_gap "$_g"; done
  _started=$(date +%s)
  for _x in $(put "$_plan$NL" | sed -n "s/^X$TAB//p"); do
    for _u in $_who; do
      if [ "$EVALUATIONS" -ge "$MOST_EVALUATIONS" ] || { [ "$((EVALUATIONS % 25))" = 0 ] && [ "$(($(date +%s) - _started))" -gt 30 ]; }; then
        setup_gap "sshd was asked $EVALUATIONS times and not about every combination of account and connection"
        break 2
      fi
      IFS=$TAB
      # shellcheck disable=SC2086 # four fields
      set -- $_x
      IFS=$_old
      evaluate "$_u" "$@"
      add_case "$_u" "$@"
      IFS=$NL
    done
  done
  set +f; IFS=$_old
}

values() {
  { put "$SSHD_OUTPUTS#cases$NL$SSHD_CASES#classes$NL$CLASSES$OTHER_TABLES"; } | awk -F '\t' -v k="$1" '
    /^#/ { part = substr($0, 2); if (part == "cases") server++; next }
    part == "cases" { if ($1 > 0) { n = ++asked[server, $3]; answer[server, $3, n] = $1 } next }
    part == "classes" {
      if ($2 == "") next
      for (a = 1; a <= asked[server, $1]; a++) for (i = 1; i <= count[answer[server, $1, a]]; i++) {
        line = $2 "\t" value[answer[server, $1, a], i]
        if (!(line in seen)) { seen[line] = 1; print line }
      }
      next
    }
    { i = index($0, " "); if (tolower(substr($0, 1, i - 1)) == k) value[part, ++count[part]] = substr($0, i + 1) }'
}

# other_servers: the same for every other way sshd is started here. Their answers join the others; what is told about
# each is kept in OTHER_NUMBER variables. Their files follow those of the first in ALL_FILES.
OTHER_TABLES=
ALL_FILES=
ALL_GLOBS=
other_servers() {
  ALL_FILES=$SSHD_FILES ALL_GLOBS=$SSHD_GLOBS
  _main="SSHD=\$_m1 SSHD_FLAGS=\$_m2 SSHD_FILES=\$_m3 SSHD_GLOBS=\$_m4 SSHD_MATCHES=\$_m5 SSHD_CASES=\$_m6 CLASSES=\$_m7 SSHD_ERRORS=\$_m8 SSHD_MODE=\$_m9 FIRST=\$_m10"
  _m1=$SSHD _m2=$SSHD_FLAGS _m3=$SSHD_FILES _m4=$SSHD_GLOBS _m5=$SSHD_MATCHES _m6=$SSHD_CASES _m7=$CLASSES _m8=$SSHD_ERRORS _m9=$SSHD_MODE _m10=$FIRST
  _server=1
  while [ "$_server" -le "$SERVERS" ]; do
    if [ "$_server" != "$MAIN" ]; then
      eval "SSHD=\$SERVER_BIN_$_server SSHD_FLAGS=\$SERVER_FLAGS_$_server"
      SSHD_FILES='' SSHD_GLOBS='' SSHD_MATCHES='' SSHD_CASES='' CLASSES='' SSHD_ERRORS='' SSHD_MODE=direct MOST_EVALUATIONS=$((EVALUATIONS + 40))
      trace_config
      first_answer
      [ "$FIRST" = 0 ] || { of_first; ask_everything; }
      eval "OTHER_CASES_$_server=\$SSHD_CASES OTHER_CLASSES_$_server=\$CLASSES OTHER_MATCHES_$_server=\$SSHD_MATCHES OTHER_FILES_$_server=\$SSHD_FILES OTHER_ERRORS_$_server=\$SSHD_ERRORS"
      OTHER_TABLES="$OTHER_TABLES#cases$NL$SSHD_CASES#classes$NL$CLASSES"
      ALL_FILES=$(put "$ALL_FILES$NL$SSHD_FILES$NL" | awk '$0 != "" && !seen[$0]++') ALL_GLOBS=$ALL_GLOBS$NL$SSHD_GLOBS
    fi
    _server=$((_server + 1))
  done
  eval "$_main"
}

sshd_setup() {
  read_accounts
  find_sshd
  if [ -n "$SSHD" ]; then
    trace_config
    first_answer
    of_first
    look_up "$(names_elsewhere)"
    read_groups
    [ "$FIRST" = 0 ] || ask_everything
    other_servers
  else
    read_groups
  fi
}
sshd_setup </dev/null >/dev/null 2>&1
