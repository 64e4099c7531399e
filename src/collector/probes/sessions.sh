# What people did after they logged in, as sudo and sshd wrote it into the journal. LOGIN_DAYS says how far back.
#   `source journal|file|none`   `begins MICROSECONDS`   `since SECONDS`   `now SECONDS`   `gap W`
#   `total N`: how many there were, `J json` each kept   `L PATH mtime LINE`: a line of a text log
SESSION_MAX=4000
session_gap() { word "$1"; echo "gap $W"; }
session_journal() {
  T 20 journalctl -q --no-pager -o json --output-fields=MESSAGE,SYSLOG_IDENTIFIER,_PID,_UID,_EXE,_AUDIT_SESSION,_AUDIT_LOGINUID "$@" 2>/dev/null
}
# Of sudo only what was run; of sshd where a session begins and ends. Before a command stands the directory, which is
# whatever its owner called it: of any length, and with quotes, which JSON escapes.
session_lines() {
  { session_journal -t sudo -t sshd -t sshd-session --since "@$1"; echo "rc $?"; } |
    grep -aE '^rc |"MESSAGE" ?: ?"(pam_unix\(sshd:session\): session (opened|closed) |Disconnected from user |Starting session: |([^"\\]|\\.)* ; COMMAND=)|"SYSLOG_IDENTIFIER" ?: ?"sudo".*"MESSAGE" ?: ?\[|"MESSAGE" ?: ?\[.*"SYSLOG_IDENTIFIER" ?: ?"sudo"' |
    awk -v max="$SESSION_MAX" "$HIDE"'
    /^rc / { rc = $2; next }
    { line[n++ % max] = $0 }
    END {
      print "total " n + 0
      if (rc != 0 && rc != 1) print "journal-rc " rc
      for (i = (n > max ? n - max : 0); i < n; i++) print "J " (line[i % max] ~ /COMMAND=/ ? hide(line[i % max]) : line[i % max])
    }' | head -c 2500000
  echo
}
session_text() {
  _seen=0
  for _f in /var/log/auth.log.1 /var/log/auth.log /var/log/secure-[0-9]* /var/log/secure /var/log/messages; do
    [ -f "$_f" ] || continue
    _m=$(stat -L -c %Y -- "$_f" 2>/dev/null)
    [ "${_m:-0}" -ge "$1" ] 2>/dev/null || continue
    _seen=$((_seen + 1))
    [ "$_seen" -le 6 ] || { session_gap 'more than 6 log files reach into the window: the rest was left out'; break; }
    word "$_f"
    T 10 cat -- "$_f" 2>/dev/null | grep -aE ' sudo(\[[0-9]+\])?: .* ; COMMAND=' | tail -n "$SESSION_MAX" | head -c 500000 |
      awk -v p="$W" -v m="$_m" -v since="$1" -v now="$_now" "$HIDE$DAYS"'recent($0) { print "L " p " " m " " hide(substr($0, 1, 2500)) }'
  done
}
probe_sessions() {
  _now=$(date +%s)
  _since=$((_now - LOGIN_DAYS * 86400))
  echo "now $_now"; echo "since $_since"
  if journal_speaks; then
    journal_begins
    echo "begins $OLDEST"; echo 'source journal'
    session_lines "$_since"
    return
  fi
  _text=$(session_text "$_since")
  case $NL$_text in *"${NL}L "*) echo 'source file'; put "$_text$NL" ;; *) echo 'source none' ;; esac
}
