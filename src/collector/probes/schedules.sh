# What runs by itself: cron, anacron, at, systemd units that are not the distribution's, user units, and the scripts
# these call, one level deep. Each `N kind account` record names the `F` record (and its `D` folders) that follows.
#   `gap text`
SCHEDULE_COUNT=0
SCHEDULE_BYTES=0
SCHEDULE_LIST=
schedule_gap() { word "$1"; echo "gap $W"; }

# schedule KIND ACCOUNT FILE
schedule() {
  [ -f "$3" ] || { [ -L "$3" ] && [ ! -d "$3" ] || return; }
  SCHEDULE_COUNT=$((SCHEDULE_COUNT + 1))
  if [ "$SCHEDULE_COUNT" -gt 500 ] || [ "$SCHEDULE_BYTES" -gt 3000000 ]; then
    [ "$SCHEDULE_COUNT" -gt 10000 ] || schedule_gap 'more than 500 schedule files or 3000000 bytes: the rest was left out'
    SCHEDULE_COUNT=20000
    return
  fi
  case $2$3 in *"$NL"*) schedule_gap "a file whose name has a line end was not read: $3"; return ;; esac
  SCHEDULE_LIST=$SCHEDULE_LIST$1$TAB$2$TAB$3$NL
  word "$2"; echo "N $1 $W"
  read_file "$3" 262144
  # shellcheck disable=SC2086 # six words
  set -- $S
  case $4 in -) ;; *) if [ "$4" -gt 262144 ]; then SCHEDULE_BYTES=$((SCHEDULE_BYTES + 262144)); else SCHEDULE_BYTES=$((SCHEDULE_BYTES + $4)); fi ;; esac
}
# schedules KIND ACCOUNT FOLDER: every file in it; a folder that cannot be listed is told.
schedules() {
  [ -d "$3" ] || return
  [ -r "$3" ] || { schedule_gap "$3 could not be listed"; return; }
  for _f in "$3"/*; do
    [ ! -d "$_f" ] || continue
    # run-parts passes over what is not executable.
    case $1 in script) [ -x "$_f" ] || continue ;; cron-user) set -- "$1" "${_f##*/}" "$3" ;; esac
    schedule "$1" "$2" "$_f"
  done
}
# units KIND ACCOUNT FOLDER: unit files and drop-ins that can run something.
units() {
  [ -d "$3" ] || return
  [ -r "$3" ] || { schedule_gap "$3 could not be listed"; return; }
  for _u in "$3"/*.service "$3"/*.socket "$3"/*.mount "$3"/*.swap "$3"/*.d/*.conf; do
    [ -e "$_u" ] || continue
    # A link into the vendor's folder is the vendor's unit, enabled.
    if [ -L "$_u" ]; then case $(readlink -f -- "$_u") in /lib/systemd/* | /usr/lib/systemd/* | /dev/null) continue ;; esac; fi
    schedule "$1" "$2" "$_u"
  done
}

# Every file that the collected schedules name, as `tag<TAB>account<TAB>path` lines. Tags: `i` handed to an interpreter,
# `p` named in any other way, `r` run-parts is called on the line.
# shellcheck disable=SC2016 # awk
SCHEDULE_WORDS='
function tell(tag, path) {
  gsub(/\/\.\//, "/", path); gsub(/\/\/+/, "/", path); sub(/[.,:]+$/, "", path)
  if (path !~ /^\/./ || length(path) > 400 || path ~ /[*?[\t]/) return
  if (!((tag, who, path) in told)) { told[tag, who, path] = 1; if (++tells <= 4000) print tag "\t" who "\t" path; else if (tells == 4001) print "x" }
}
function name(tag, w,   i, n, d) {
  if (w ~ /^(\$HOME|\$\{HOME\}|~|%h)\//) { sub(/^[^\/]*/, home[who], w); tell(tag, w); return }
  if (w ~ /^~[a-z_][a-z0-9_-]*\//) { n = substr(w, 2, index(w, "/") - 2); if (n in home) tell(tag, home[n] substr(w, index(w, "/"))); return }
  if (w ~ /^\//) { tell(tag, w); return }
  if (w !~ /^[A-Za-z0-9_.+@\/-]+$/ || w !~ /[A-Za-z]/ || w ~ /^-/) return
  if (cwd != "") tell(tag, cwd "/" w)
  if (w ~ /\//) { if (cwd == "") tell(tag, home[who] "/" w); return }
  if (tag == "i") { tell(tag, home[who] "/" w); return }
  n = split("/usr/local/bin:/usr/local/sbin:/usr/bin:/usr/sbin:" home[who] "/bin:" home[who] "/.local/bin:" path, d, ":")
  for (i = 1; i <= n; i++) if (d[i] != "") tell("p", d[i] "/" w)
}
function line(s,   n, i, w, v, tag, run, q) {
  run = s ~ /run-parts/ ? "r" : ""
  q = s
  while (match(q, /"\/[^"]* [^"]*"|\047\/[^\047]* [^\047]*\047/)) { tell("p", substr(q, RSTART + 1, RLENGTH - 2)); q = substr(q, RSTART + RLENGTH) }
  gsub(/["\047`;&|()<>,]|\\ /, " ", s); gsub(/[{}]/, "&", s)
  n = split(s, w, /[ \t]+/); tag = "p"
  for (i = 1; i <= n; i++) {
    v = w[i]
    if (v == "") continue
    if (v == "cd" && i < n) { cwd = w[i + 1]; if (cwd ~ /^(\$HOME|\$\{HOME\}|~)(\/|$)/) sub(/^[^\/]*/, home[who], cwd); if (cwd !~ /^\//) cwd = home[who] "/" cwd; continue }
    if (v ~ /^(.*\/)?(sh|bash|dash|ksh|zsh|ash|source|\.|python[0-9.]*|perl|ruby|node|php|expect)$/) { tag = "i"; continue }
    if (tag == "i" && v ~ /^-/) continue
    if (index(v, "=") && v !~ /^\//) v = substr(v, index(v, "=") + 1)
    sub(/^[-@:+!]+\//, "/", v)
    name(run != "" ? run : tag, v)
    tag = "p"
  }
}
BEGIN { FS = "\t" }
!mark { if ($0 == "#") mark = 1; else { split($0, f, ":"); if (!(f[2] in home)) home[f[2]] = f[7] } next }
{
  kind = $1; account = $2; file = $3; bytes = 0; user = ""; work = ""; path = ""; cont = ""
  while (bytes < 262144 && (getline text < file) > 0) {
    bytes += length(text) + 1
    sub(/\r$/, "", text)
    if (cont != "") { text = cont text; cont = "" }
    if (text ~ /\\$/) { cont = substr(text, 1, length(text) - 1) " "; continue }
    if (text ~ /^[ \t]*([#;]|$)/) continue
    who = account; cwd = ""
    if (kind == "cron" || kind == "cron-user" || kind == "anacron") {
      if (text ~ /^[ \t]*[A-Za-z_][A-Za-z0-9_]*[ \t]*=/) { if (text ~ /^[ \t]*PATH[ \t]*=/) { path = text; sub(/^[^=]*=[ \t]*/, "", path); gsub(/["\047]/, "", path) } continue }
      t = text; sub(/^[ \t]+/, "", t)
      if (kind == "anacron") sub(/^[^ \t]+[ \t]+[^ \t]+[ \t]+[^ \t]+[ \t]+/, "", t)
      else if (t ~ /^@/) sub(/^[^ \t]+[ \t]+/, "", t)
      else sub(/^[^ \t]+[ \t]+[^ \t]+[ \t]+[^ \t]+[ \t]+[^ \t]+[ \t]+[^ \t]+[ \t]+/, "", t)
      if (kind == "cron") { n = match(t, /[ \t]/); if (n) { if (substr(t, 1, n - 1) in home) who = substr(t, 1, n - 1); t = substr(t, n + 1) } }
      line(t)
    } else if (kind ~ /systemd/) {
      if (text ~ /^[ \t]*User[ \t]*=/) { user = text; sub(/^[^=]*=[ \t]*/, "", user) }
      if (text ~ /^[ \t]*WorkingDirectory[ \t]*=/) { work = text; sub(/^[^=]*=[ \t-]*/, "", work) }
      if (text !~ /^[ \t]*Exec[A-Za-z]+[ \t]*=/) continue
      if (user in home) who = user
      if (work ~ /^\//) cwd = work
      sub(/^[^=]*=[ \t]*/, "", text); line(text)
    } else line(text)
  }
  close(file)
}'

# called: the scripts among the files that schedules name. Of the system's own folders only shell scripts are followed.
called() {
  _list=$(put "$ACCOUNTS#$NL$SCHEDULE_LIST" | T 8 awk "$SCHEDULE_WORDS" 2>/dev/null; echo "#$?")
  case $_list in *'#0') ;; *) schedule_gap 'the scripts that schedules call were not found to the end' ;; esac
  _n=0 _seen=$NL _have=
  _old=$IFS; IFS=$NL; set -f
  set --
  for _l in $_list; do
    case $_l in '#'*) continue ;; x) schedule_gap 'schedules name more than 4000 files: the rest was not looked at'; continue ;; esac
    _tag=${_l%%"$TAB"*} _l=${_l#*"$TAB"}
    _who=${_l%%"$TAB"*} _f=${_l#*"$TAB"}
    for _h in $HUNG; do case $_f in "$_h"/*) continue 2 ;; esac; done
    case $_f in /dev/* | /proc/* | /sys/*) continue ;; esac
    if [ -d "$_f" ]; then
      [ "$_tag" = r ] || continue
      case $_f in /etc/cron.hourly | /etc/cron.daily | /etc/cron.weekly | /etc/cron.monthly | / | /usr/* | /bin | /sbin) continue ;; esac
      set +f; IFS=
      for _x in "$_f"/*; do [ ! -f "$_x" ] || [ ! -x "$_x" ] || [ "$_n" -ge 200 ] || take i "$_x"; done
      set -f; IFS=$NL
    elif [ -f "$_f" ]; then
      take "$_tag" "$_f"
    fi
    [ "$_n" -lt 200 ] || { schedule_gap 'schedules name more than 200 programs: the rest was not looked at'; break; }
  done
  # shellcheck disable=SC2086 # one path per line
  set -- $_have
  set +f; IFS=$_old
  [ "$#" -gt 0 ] || return
  # The first bytes of each, in one go: `==> NAME <==` and what follows.
  _scripts=$(T 5 head -c 40 -- "$@" /dev/null 2>/dev/null | tr -d '\000' | awk '
    /^==> .* <==$/ { file = substr($0, 5, length($0) - 8); first = 1; next }
    first { first = 0; if ($0 ~ /^\177ELF/) next; print ($0 ~ /^#! *[^ ]*(\/env +)?[^ ]*sh( |$)/ ? "s" : $0 ~ /^#!/ ? "h" : "t") "\t" file }')
  _old=$IFS; IFS=$NL; set -f
  for _l in $_scripts; do
    IFS=$_old; set +f
    _kind=${_l%%"$TAB"*} _f=${_l#*"$TAB"}
    case $_f in
      /usr/local/*) ;;
      /usr/* | /bin/* | /sbin/* | /lib/*) [ "$_kind" = s ] || _f= ;;
    esac
    # Text that nothing interprets and nobody may execute is data.
    [ "$_kind" != t ] || [ -x "$_f" ] || case $_seen in *"${NL}i$TAB$_f$NL"*) ;; *) _f= ;; esac
    [ -z "$_f" ] || schedule called '' "$_f"
    IFS=$NL; set -f
  done
  set +f; IFS=$_old
}
# take TAG FILE: notes it once for each tag, unless it is a schedule itself or a wrapper.
take() {
  case $_seen in *"$NL$1$TAB$2$NL"*) return ;; esac
  case $NL$WRAPPERS$NL in *"$NL$2$NL"*) return ;; esac
  case $SCHEDULE_LIST in *"$TAB$2$NL"*) return ;; esac
  case $NL$_have in *"$NL$2$NL"*) ;; *) _have=$_have$2$NL; _n=$((_n + 1)) ;; esac
  _seen=$_seen$1$TAB$2$NL
}

probe_schedules() {
  case $ME in 0) ;; *) schedule_gap 'the crontabs of other accounts can only be read by root' ;; esac
  schedule cron root /etc/crontab
  schedules cron root /etc/cron.d
  for _d in /var/spool/cron/crontabs /var/spool/cron /etc/crontabs; do schedules cron-user '' "$_d"; done
  schedule anacron root /etc/anacrontab
  for _d in /etc/cron.hourly /etc/cron.daily /etc/cron.weekly /etc/cron.monthly /etc/periodic/15min /etc/periodic/hourly /etc/periodic/daily /etc/periodic/weekly /etc/periodic/monthly; do schedules script root "$_d"; done
  for _f in /etc/rc.local /etc/rc.d/rc.local; do [ ! -x "$_f" ] || schedule script root "$_f"; done
  for _d in /var/spool/cron/atjobs /var/spool/at; do
    for _f in "$_d"/*; do [ ! -f "$_f" ] || schedule at "$(stat -c %U -- "$_f" 2>/dev/null)" "$_f"; done
  done
  for _d in /etc/systemd/system /etc/systemd/system.control /run/systemd/system /run/systemd/system.control /run/systemd/transient /usr/local/lib/systemd/system; do units systemd root "$_d"; done
  # The distribution's own units: only those that name a program of the ssh family in what they run.
  for _d in /lib/systemd/system /usr/lib/systemd/system; do
    if [ ! -d "$_d" ] || [ -L "${_d%/systemd/system}" ]; then continue; fi
    _v=$(T 5 grep -lE '^Exec[A-Za-z]*=.*[/ "](ssh|scp|sftp|rsync|autossh|sshpass|sshfs|ansible[a-z-]*)([ "]|$)' "$_d"/*.service 2>/dev/null | head -n 50)
    for _f in $_v; do schedule systemd root "$_f"; done
  done
  for _d in /etc/systemd/user /usr/local/lib/systemd/user /run/user/*/systemd/user /run/user/*/systemd/transient; do units user-systemd '' "$_d"; done
  _old=$IFS; IFS=$NL; set -f
  for _l in $ACCOUNTS; do
    IFS=$_old; set +f
    _rest=${_l#?:}; _name=${_rest%%:*}; _home=${_rest#*:*:*:*:*:}; _home=${_home%:*}
    case $NL$HUNG in
      *"$NL$_home$NL"*) schedule_gap "the user units of $_name were not read: $_home does not answer" ;;
      *) [ "$_home" = / ] || for _d in .config/systemd/user .local/share/systemd/user; do units user-systemd "$_name" "$_home/$_d"; done ;;
    esac
    IFS=$NL; set -f
  done
  set +f; IFS=$_old
  called
}
