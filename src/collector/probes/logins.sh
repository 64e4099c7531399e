# Successful logins as the host itself logged them, newest last. LOGIN_DAYS says how far back.
#   `source journal|file|none`   `begins MICROSECONDS`: the oldest entry of the system's journal   `since SECONDS`   `now SECONDS`
#   `total N`: how many there were, `J json` each journal entry kept
#   `first PATH mtime TIME`: how far back a text log reaches, `L PATH mtime LINE`: a line of it   `gap W`
LOGIN_MAX=4000
login_gap() { word "$1"; echo "gap $W"; }
journal() { T 20 journalctl -q --no-pager -o json --output-fields=MESSAGE,SYSLOG_IDENTIFIER,_PID,_UID,_EXE,_SOURCE_REALTIME_TIMESTAMP "$@" 2>/dev/null; }
# MESSAGE is text, or a list of byte numbers when it is not clean UTF-8: 65,99,99,101 is "Acce".
journal_logins() {
  { journal -t sshd -t sshd-session -t sshd-auth --since "@$1"; echo "rc $?"; } |
    grep -aE '^rc |"MESSAGE" ?: ?("Accepted [^ "]+ for |\[ ?65, ?99, ?99, ?101, ?112, ?116, ?101, ?100,|null)' | awk -v max="$LOGIN_MAX" '
    /^rc / { rc = $2; next }
    { line[n++ % max] = $0 }
    END {
      print "total " n + 0
      if (rc != 0 && rc != 1) print "journal-rc " rc
      for (i = (n > max ? n - max : 0); i < n; i++) print "J " line[i % max]
    }' | head -c 3500000
  echo
}
# text_log PATH MTIME: a text log that may hold lines of sshd.
# shellcheck disable=SC2086 # a program and its option
text_log() {
  case $1 in *.gz) _cat='gzip -dc' ;; *) _cat='cat' ;; esac
  word "$1"; _p=$W
  # Where the log begins tells how far back it reaches.
  word "$(T 5 $_cat "$1" 2>/dev/null | head -c 4096 | awk 'NR == 1 { print (/^[0-9][0-9][0-9][0-9]-/ ? substr($1, 1, 40) : substr($0, 1, 16)) }')"; echo "first $_p $2 $W"
  { T 10 $_cat "$1" 2>/dev/null; echo "rc $?"; } | grep -aE '^rc |sshd(-session|-auth)?(\[[0-9]+\])?: Accepted [^ ]+ for ' | tail -n "$((LOGIN_MAX + 1))" | head -c 1000000 |
    awk -v p="$_p" -v m="$2" -v since="$_since" -v now="$_now" "$DAYS"'/^rc / { if ($2 != 0) print "log-rc " p " " $2; next } recent($0) { print "L " p " " m " " substr($0, 1, 2000) }'
}
text_logs() {
  _seen=0
  for _f in /var/log/auth.log.[0-9]*.gz /var/log/secure*.gz /var/log/auth.log.[0-9] /var/log/secure-[0-9]* /var/log/secure.[0-9] /var/log/auth.log /var/log/secure /var/log/messages.[0-9] /var/log/messages /var/log/syslog; do
    [ -f "$_f" ] || continue
    _m=$(stat -L -c %Y -- "$_f" 2>/dev/null)
    [ "${_m:-0}" -ge "$1" ] 2>/dev/null || continue
    _seen=$((_seen + 1))
    [ "$_seen" -le 12 ] || { login_gap 'more than 12 log files reach into the window: the rest was left out'; break; }
    text_log "$_f" "${_m:-0}"
  done
  [ "$_seen" -gt 0 ]
}
probe_logins() {
  _now=$(date +%s)
  _since=$((_now - LOGIN_DAYS * 86400))
  echo "now $_now"; echo "since $_since"
  _got=
  if journal_speaks; then
    _got=$(journal_logins "$_since")
    journal_begins
    echo "begins $OLDEST"
    case $_got in *"${NL}J "*) echo 'source journal'; put "$_got$NL"; return ;; esac
  fi
  # No journal, or none that holds a login: sshd may log to files here.
  _text=$(text_logs "$_since")
  case $NL$_text in
    *"${NL}L "*) echo 'source file'; put "$_text$NL" ;;
    *)
      if [ -n "$_got" ]; then echo 'source journal'; put "$_got$NL"
      elif [ -n "$_text" ]; then echo 'source file'; put "$_text$NL"
      else echo 'source none'
      fi ;;
  esac
}
