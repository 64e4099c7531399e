# What altered this host: programs that login sessions ran, as the kernel's audit recorded them, and package logs.
#   `now` `since` SECONDS   `zone +0100`: of package logs   `auditd running|absent`   `listens yes|no`: journald or another to the kernel's audit
#   `enabled N`   `rule W`: one that records execve   `audit-source file|journal|none`
#   `audit-rc N`   `audit-begins SECONDS`   `total N`   `A line`: LOGIN, SYSCALL of execve and its EXECVE, of login sessions only
#   `log TOOL PATH MTIME FIRSTTIME`, `P TOOL MTIME LINE`   `gap W`
CHANGE_MAX=6000
change_gap() { word "$1"; echo "gap $W"; }
# audit_list SINCE: sets AUDIT_FILES, oldest first: the newest of those that reach into the window, up to 20 and 48 MiB.
audit_list() {
  AUDIT_FILES='' _n=0 _all=0
  [ -d /var/log/audit ] || return
  # shellcheck disable=SC2012 # names of auditd's own making
  for _f in $(ls -1 /var/log/audit/audit.log /var/log/audit/audit.log.[0-9] /var/log/audit/audit.log.[0-9][0-9] 2>/dev/null | sort -t. -k3,3n); do
    [ -f "$_f" ] || continue
    _m=$(stat -L -c '%Y %s' -- "$_f" 2>/dev/null)
    [ "${_m%% *}" -ge "$1" ] 2>/dev/null || continue
    _n=$((_n + 1)) _all=$((_all + ${_m##* }))
    if [ "$_n" -gt 20 ] || { [ "$_n" -gt 1 ] && [ "$_all" -gt 50331648 ]; }; then
      change_gap 'more audit logs reach into the window than are read: the oldest were left out'
      return
    fi
    AUDIT_FILES="$_f$NL$AUDIT_FILES"
  done
}
audit_files() {
  put "$AUDIT_FILES" | while IFS= read -r _f; do T 10 tail -c 50331648 -- "$_f" 2>/dev/null; done
}
# Where auditd keeps no log, journald may have written down what the kernel sends to whoever listens: the same records,
# the kind of record in front of each, time and serial in fields of their own. Put back as auditd would have it.
audit_journal() {
  T 20 journalctl -q --no-pager -o json --all --output-fields=MESSAGE,_SOURCE_REALTIME_TIMESTAMP,_AUDIT_ID _TRANSPORT=audit _AUDIT_TYPE=1006 _AUDIT_TYPE=1300 _AUDIT_TYPE=1309 "$@" 2>/dev/null | awk '
    function digits(key) { return match($0, "\"" key "\" ?: ?\"[0-9]+\"") ? substr($0, RSTART, RLENGTH) : "" }
    {
      at = digits("_SOURCE_REALTIME_TIMESTAMP"); gsub(/[^0-9]/, "", at); id = digits("_AUDIT_ID"); gsub(/[^0-9]/, "", id)
      if (length(at) < 7 || id == "") next
      m = "EXECVE "
      if (match($0, /"MESSAGE" ?: ?"([^"\\]|\\.)*"/)) {
        m = substr($0, RSTART, RLENGTH - 1); sub(/^"MESSAGE" ?: ?"/, "", m)
        gsub(/\\\\/, "\001", m); gsub(/\\"/, "\"", m); gsub(/\001/, "\\", m)
      }
      w = index(m, " "); n = length(at)
      print "type=" substr(m, 1, w - 1) " msg=audit(" substr(at, 1, n - 6) "." substr(at, n - 5, 3) ":" id "): " substr(m, w + 1)
    }'
}
audit_stream() { if [ "$AUDIT_SOURCE" = journal ]; then audit_journal --since "@$1"; else audit_files; fi; }
# An argument is quoted, or hexadecimal when it holds blanks or quotes: then a secret is known by the letters of its name.
audit_lines() {
  AUDIT_SOURCE='none' _o=''
  if [ -n "$AUDIT_FILES" ]; then
    AUDIT_SOURCE='file'
    _o=$(audit_files | head -c 8192 | grep -aoE 'audit\([0-9]+' | head -n 1 | tr -dc 0-9)
  elif command -v journalctl >/dev/null; then
    _o=$(audit_journal | head -n 1)
    [ -z "$_o" ] || _o=$(put "$_o$NL" | grep -aoE 'audit\([0-9]+' | tr -dc 0-9)
    [ -z "$_o" ] || AUDIT_SOURCE='journal'
  fi
  echo "audit-source $AUDIT_SOURCE"
  [ -z "$_o" ] || echo "audit-begins $_o"
  [ "$AUDIT_SOURCE" != none ] || { echo 'total 0'; echo; return; }
  # What no login session did is left out first: on a busy host that is nearly all.
  audit_stream "$1" | grep -aE '^(node=[^ ]+ )?type=(LOGIN|EXECVE|SYSCALL) ' | grep -av ' auid=4294967295 ' | tr -d '\000' | awk -v since="$1" -v max="$CHANGE_MAX" "$HIDE"'
    function event(s) { return match(s, /audit\([0-9]+\.[0-9]+:[0-9]+\)/) ? substr(s, RSTART + 6, RLENGTH - 7) : "" }
    function keep(s) { line[n++ % max] = substr(s, 1, 4000) }
    function secret(s) { return s ~ /(70|50)(61|41)(73|53)(73|53)|(73|53)(65|45)(63|43)(72|52)(65|45)(74|54)|(74|54)(6[Ff]|4[Ff])(6[Bb]|4[Bb])(65|45)(6[Ee]|4[Ee])|(62|42)(65|45)(61|41)(72|52)(65|45)(72|52)|(61|41)(70|50)(69|49)([25][DdFf])?(6[Bb]|4[Bb])(65|45)(79|59)/ }
    function args(s,  out, w, c, i, v, next_is) {
      sub(/\035.*/, "", s); c = split(s, w, " "); out = ""; next_is = 0
      for (i = 1; i <= c; i++) {
        if (w[i] !~ /^a[0-9]+(\[[0-9]+\])?=/) { out = out (i > 1 ? " " : "") w[i]; continue }
        v = w[i]; sub(/^[^=]*=/, "", v); sub(/=.*/, "=", w[i])
        if (next_is) { v = "\"[redacted]\""; next_is = 0 }
        else if (v !~ /^"/) { if (secret(v)) v = "5B72656461637465645D" }
        else { next_is = names(v); v = hide(v) }
        out = out " " w[i] v
      }
      return out
    }
    { id = event($0); if (id == "" || id + 0 < since) next }
    /^(node=[^ ]+ )?type=LOGIN / { keep($0); next }
    /^(node=[^ ]+ )?type=SYSCALL / {
      if ($0 ~ / auid=(4294967295|-1) / || $0 ~ / auid=unset / || $0 ~ / syscall=(231|60|93|94) /) next
      if (++h > 2000) { split("", held); h = 1 }
      held[id] = $0; next
    }
    /^(node=[^ ]+ )?type=EXECVE / {
      if (id in held) { keep(held[id]); delete held[id]; open[id] = 1; if (++o > 200) { split("", open); o = 1; open[id] = 1 } }
      if (id in open) keep(args($0))
    }
    END {
      print "total " n + 0
      for (i = (n > max ? n - max : 0); i < n; i++) print "A " line[i % max]
    }' | head -c 3000000
  echo
}
# package_log TOOL PATTERN FILE…
package_log() {
  _tool=$1 _pattern=$2; shift 2
  _n=0
  for _f in "$@"; do
    [ -f "$_f" ] || continue
    _m=$(stat -L -c %Y -- "$_f" 2>/dev/null)
    case $_f in *.gz) _cat='gzip -dc' ;; *) _cat='cat' ;; esac
    # An older file still tells that the log reaches back that far.
    [ "${_m:-0}" -ge "$CHANGE_SINCE" ] 2>/dev/null || { word "$_f"; echo "log $_tool $W ${_m:-0} -"; continue; }
    _n=$((_n + 1))
    [ "$_n" -le 6 ] || { change_gap "more than 6 logs of $_tool reach into the window: the rest was left out"; break; }
    word "$_f"; _p=$W
    # shellcheck disable=SC2086 # a program and its option
    word "$(T 5 $_cat "$_f" 2>/dev/null | head -c 4096 | head -n 1 | head -c 26)"; echo "log $_tool $_p $_m $W"
    # shellcheck disable=SC2086
    T 10 $_cat "$_f" 2>/dev/null | grep -aE "$_pattern" | tail -n 3000 | head -c 400000 |
      awk -v t="$_tool" -v m="$_m" -v since="$CHANGE_DAY" '{ d = substr($0, 1, 10); if (d ~ /^[0-9][0-9][0-9][0-9]-/ && d < since) next; print "P " t " " m " " substr($0, 1, 500) }'
  done
}
probe_changes() {
  _now=$(date +%s)
  CHANGE_SINCE=$((_now - LOGIN_DAYS * 86400))
  # The day before, whatever the zone; the reader drops what is older than the window.
  CHANGE_DAY=$(date -d "@$((CHANGE_SINCE - 86400))" +%Y-%m-%d 2>/dev/null) || CHANGE_DAY=0
  echo "now $_now"; echo "since $CHANGE_SINCE"
  echo "zone $(unset TZ; date +%z)"
  case $NL$(cat /proc/[0-9]*/comm 2>/dev/null)$NL in *"${NL}auditd$NL"*) echo 'auditd running' ;; *) echo 'auditd absent' ;; esac
  # Family 9 is the kernel's audit; whoever is in one of its groups hears every record.
  if awk '$2 == 9 && $4 ~ /[1-9a-f]/ { found = 1 } END { exit !found }' /proc/net/netlink 2>/dev/null; then echo 'listens yes'; else echo 'listens no'; fi
  if command -v auditctl >/dev/null; then
    T 5 auditctl -s 2>/dev/null | awk '$1 == "enabled" { print "enabled " $2 } $1 == "lost" { print "lost " $2 }'
    T 5 auditctl -l 2>/dev/null | grep -E 'execve|-S all|never,' | head -n 20 | head -c 4000 | while IFS= read -r _l; do word "$_l"; echo "rule $W"; done
  fi
  audit_list "$CHANGE_SINCE"
  audit_lines "$CHANGE_SINCE"
  package_log dpkg '^[0-9-]{10} [0-9:]{8} (install|upgrade|remove|purge) ' /var/log/dpkg.log.2.gz /var/log/dpkg.log.1 /var/log/dpkg.log
  package_log dnf ' (Installed|Upgraded?|Erased?|Removed|Downgraded?|Reinstalled): ' /var/log/dnf.rpm.log.1 /var/log/dnf.rpm.log
  package_log yum ' (Installed|Updated|Erased): ' /var/log/yum.log
  package_log zypper '^[0-9-]{10} [0-9:]{8}\|(install|remove) ?\|' /var/log/zypp/history
  package_log apk '^Running `' /var/log/apk.log
  package_log pacman ' \[ALPM\] (installed|upgraded|removed|downgraded|reinstalled) ' /var/log/pacman.log
}
