# What accepts logins on this host. Records: `now N`, `btime N`, `tick N`, `process PID UID PLACE EXE TITLE STAT INODES`,
# `listen PID FAMILY ADDRESS INODE` (hexadecimal, as the kernel prints them), `pidfile PATH stat CONTENT`, `asked PID`,
# `sessions N`, `super N` (how many super-servers run), `tailscale W`, `unit-lines W`, `option-lines W`, `units W` (what
# systemctl shows), `started W` (see units-setup.sh), `offered PID USER ADDRESS TEXT`, `impostor PATH`, `gap W`.
probe_daemons() {
  echo "now $(date +%s)"
  echo "btime $(sed -n 's/^btime //p' /proc/stat 2>/dev/null)"
  echo "tick $(getconf CLK_TCK 2>/dev/null || echo 100)"
  [ -z "$SSHD_PID" ] || echo "asked $SSHD_PID"
  [ -r /proc/1/stat ] || { word 'there is no readable /proc: running servers cannot be seen'; echo "gap $W"; }
  _old=$IFS; IFS=$NL; _n=0 _sessions=0 _super=0 _tries=0
  for _l in $SSH_PROCESSES; do
    IFS=$_old
    _pid=${_l%% *} _exe=${_l#* }
    case ${_exe##*/} in sshd-session*) _sessions=$((_sessions + 1)); continue ;; *inetd) _super=$((_super + 1)); continue ;; esac
    is_session "$_pid" 2>/dev/null && { _sessions=$((_sessions + 1)); continue; }
    case ${_exe##*/} in busybox*) case $_t in *inetd*) _super=$((_super + 1)); continue ;; *telnetd* | *sshd* | *dropbear* | *rshd* | *rlogind*) ;; *) continue ;; esac ;; esac
    _stat=$(head -c 1000 "/proc/$_pid/stat" 2>/dev/null) || continue
    _n=$((_n + 1))
    [ "$_n" -le 40 ] || { word 'more than 40 processes may accept logins: the rest was left out'; echo "gap $W"; break; }
    place_of "$_pid" 2>/dev/null
    _inodes=$(T 5 ls -l "/proc/$_pid/fd" 2>/dev/null | awk 'match($0, / -> socket:\[[0-9]*\]$/) && n++ < 500 { printf "%s,", substr($0, RSTART + 12, RLENGTH - 13) }')
    word "$_exe"; _w=$W
    # Other programs may carry secrets in their arguments.
    case ${_exe##*/} in sshd* | dropbear* | busybox*) _c=100 ;; *) _c=2 ;; esac
    word "$(tr '\0' '\n' <"/proc/$_pid/cmdline" 2>/dev/null | head -n "$_c" | head -c 8000)"; _w="$_w $W"
    word "$_stat"; _w="$_w $W"
    _uid=$OWNER
    echo "process $_pid $_uid $PLACE $_w ${_inodes:--}"
    # Of two files head(1) tells which is which: `==> NAME <==`.
    _listens=$(head -c 4000000 "/proc/$_pid/net/tcp" "/proc/$_pid/net/tcp6" 2>/dev/null | awk -v p="$_pid" -v own=",$_inodes" '
      $1 == "==>" { f = $2; sub(/^.*\//, "", f); n = 0; next }
      $4 == "0A" && index(own, "," $10 ",") && n++ < 50 { print "listen " p " " f " " $2 " " $10 }')
    [ -z "$_listens" ] || put "$_listens$NL"
    case $PLACE:$_uid:${_exe##*/} in container:*) ;; *:0:sshd | *:0:sshd.*) offered ;; esac
  done
  IFS=$_old
  echo "sessions $_sessions"
  echo "super $_super"
  case $SSH_PROCESSES in
    *tailscaled*) word "$(T 5 tailscale debug prefs 2>/dev/null | head -c 20000 | tr -d ' \t' | grep -i '^"RunSSH":' | head -n 1)"; echo "tailscale $W" ;;
  esac
  for _f in $(put "$SSHD_OUTPUTS" | awk '
    function tell(path) { if (!seen[path]++ && n++ < 10) print path }
    tolower($1) == "pidfile" && $2 ~ /^\// && NF == 2 { tell($2) }
    END { tell("/run/sshd.pid") }'); do
    [ -f "$_f" ] || continue
    stat_word "$_f" -L; _c=$(head -c 20 "$_f" | tr -cd '0-9'); word "$_f"; echo "pidfile $W $S ${_c:--}"
  done
  for _f in unit-lines:UNIT_LINES option-lines:OPTION_LINES units:UNITS_SHOWN started:START_LINES; do
    eval "word \"\$${_f#*:}\""; echo "${_f%%:*} $W"
  done
  # What stands before the system's folders in the usual PATH of root.
  for _f in /usr/local/sbin/sshd /usr/local/bin/sshd /root/bin/sshd; do
    if [ ! -f "$_f" ] || [ ! -x "$_f" ]; then continue; fi
    [ "$(readlink -f "$_f")" = "$(readlink -f "${SSHD:-/usr/sbin/sshd}")" ] || { word "$_f"; echo "impostor $W"; }
  done
}
# offered: which methods the running daemon offers. One connection by the host's own client to the first address the
# daemon listens on, as the login this audit runs under, with no method tried but `none`; it leaves a line in sshd's log.
offered() {
  [ -n "$_listens" ] && [ "$_tries" -lt 3 ] && safe_program /usr/bin/ssh 2>/dev/null || return
  # An address of another network is somebody else's here.
  _to=$(stat -L -c %d:%i -- "/proc/$_pid/ns/net" /proc/self/ns/net)
  [ "$_to" = "${_to%%"$NL"*}$NL${_to%%"$NL"*}" ] || return
  _tries=$((_tries + 1))
  _to=$(put "$_listens$NL" | awk '
    function byte(s) { return 16 * (index("0123456789ABCDEF", substr(s, 1, 1)) - 1) + index("0123456789ABCDEF", substr(s, 2, 1)) - 1 }
    { split(toupper($4), a, ":"); h = a[1]; port = 256 * byte(substr(a[2], 1, 2)) + byte(substr(a[2], 3, 2))
      if (h ~ /^0+$/) to = length(h) == 8 ? "127.0.0.1" : "::1"
      else if (length(h) == 8) to = byte(substr(h, 7, 2)) "." byte(substr(h, 5, 2)) "." byte(substr(h, 3, 2)) "." byte(substr(h, 1, 2))
      else { to = ""
        for (i = 0; i < 4; i++) { w = substr(h, 8 * i + 1, 8); to = to (i ? ":" : "") substr(w, 7, 2) substr(w, 5, 2) ":" substr(w, 3, 2) substr(w, 1, 2) } }
      # Link-local addresses need an interface.
      if (to ~ /^FE80/) next
      print to " " port; exit }')
  [ -n "$_to" ] || return
  _user=${SUDO_USER:-root}
  case $_user in -* | *[!A-Za-z0-9._@-]*) return ;; esac
  for _k in KexAlgorithms=^curve25519-sha256,ecdh-sha2-nistp256 LogLevel=ERROR; do
    _c=$({ T 5 /usr/bin/ssh -F /dev/null -a -x -T -o BatchMode=yes -o PreferredAuthentications=none -o PubkeyAuthentication=no \
      -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o GlobalKnownHostsFile=/dev/null -o ControlPath=none \
      -o ConnectTimeout=3 -o LogLevel=ERROR -o "$_k" -l "$_user" -p "${_to#* }" "${_to% *}" true; echo "status $?"; } 2>&1 </dev/null | tail -c 600)
    case $_c in *KexAlgorithms*) ;; *) break ;; esac
  done
  word "$_user"; _w=$W
  case $_to in *:*) word "[${_to% *}]:${_to#* }" ;; *) word "${_to% *}:${_to#* }" ;; esac
  _w="$_w $W"; word "$_c"
  echo "offered $_pid $_w $W"
}
