# Which sshd serves this host, and which others do. Functions of the set-up; sshd-setup.sh calls them.
#   SSHD            absolute path of the sshd to ask, or nothing
#   SSHD_PID        the running daemon it was found by, or nothing
#   SSHD_FLAGS      that daemon's own -f, -o, -p, -h and -c, one argument per line
#   SERVERS MAIN    how many different ways sshd is started here, and the number of the one above
# safe_program PATH: only root can have put it there. Nothing else is ever run with root's rights.
safe_program() {
  [ -f "$1" ] && [ -x "$1" ] || return 1
  _d=$1 _l=/
  while [ -n "$_d" ]; do _l=$_l$NL$_d; _d=${_d%/*}; done
  _old=$IFS; IFS=$NL; set -f
  # shellcheck disable=SC2086 # one path per line
  _s=$(stat -L -c '%u %g %a' -- $_l) || _s=
  _safe=0
  # Of others' hands: an owner who is not root, and whoever may write besides, a group other than root's or everybody.
  for _l in ${_s:-unknown}; do
    case $_l in
      *' '*' '*' '* | '0 '*' '*[!0-7]* | '0 '*' '*[2367] | '0 '*' ') _safe=1 ;;
      '0 0 '*) ;;
      '0 '*' '*[2367]?) _safe=1 ;;
      '0 '*' '*) ;;
      *) _safe=1 ;;
    esac
  done
  set +f; IFS=$_old
  return "$_safe"
}

# SSH_PROCESSES: `PID EXECUTABLE` lines of every process whose program may accept logins, by the kernel's own word.
# Another sshd's sessions are among them; whoever reads the list looks at the title too.
SSH_PROCESSES=
find_processes() {
  _x='^(sshd.*|dropbear.*|busybox.*|tailscaled|teleport|tinysshd.*|lshd|(openbsd-|inetutils-|x|rl)?inetd|gitlab-sshd|telnetd|in[.]telnetd|utelnetd|inetutils-telnetd|rshd|in[.]rshd|rlogind|in[.]rlogind|ttyd|shellinaboxd|wetty|gotty)$'
  SSH_PROCESSES=$(put "$PROCESSES$NL" | awk -v x="$_x" '
    { i = index($0, " "); exe = substr($0, i + 1); pid = substr($0, 1, i - 1)
      base = exe; sub(/ \(deleted\)$/, "", base); sub(/^.*\//, "", base)
      if (pid ~ /^[0-9]+$/ && base ~ x && base != "sshd-auth" && n++ < 2000) print pid " " exe
    }')
}
# is_session PID: a child that serves one connection, by the title sshd gives it. Sets _t to the title, without its NULs.
is_session() {
  _t=''
  IFS= read -r _t <"/proc/$1/cmdline"
  case $_t in 'sshd: '*'[listener]'* | 'sshd: /'*) return 1 ;; 'sshd: '* | 'sshd-session: '*) return 0 ;; *) return 1 ;; esac
}
# spaces_of PROCESS: sets MOUNTS and PIDS, its namespaces, and OWNER, the number of its user; nothing where that is denied.
spaces_of() {
  A=$(stat -L -c '%n %u %d:%i' -- "/proc/$1" "/proc/$1/ns/mnt" "/proc/$1/ns/pid")
  told "/proc/$1"; OWNER=${V% *}
  told "/proc/$1/ns/mnt"; MOUNTS=${V#* }
  told "/proc/$1/ns/pid"; PIDS=${V#* }
}
# place_of PID: sets PLACE and OWNER. `host` when it sees this host's files and processes, `sandbox` when a unit gave it its
# own mounts, `container` when it lives in a process tree of its own.
place_of() {
  spaces_of "$1"
  case $MOUNTS in "$PID1_MOUNTS" | "$OWN_MOUNTS") PLACE=host; return ;; esac
  case $PIDS in "$PID1_PIDS" | "$OWN_PIDS") PLACE=sandbox ;; *) PLACE=container ;; esac
}
PID1_PIDS=
OWN_PIDS=
PID1_MOUNTS=
OWN_MOUNTS=
SSHD=
SSHD_PID=
SSHD_FLAGS=
# daemon_flags PID: the arguments that change what is read. Since 8.2 sshd overwrites its arguments with a title in which
# quoting is lost: a value with blanks is then taken to reach up to the next ` -X`.
daemon_flags() {
  tr '\0' '\n' <"/proc/$1/cmdline" | head -c 20000 | awk '
    { l[++n] = $0 }
    END {
      if (n == 1 && l[1] ~ /^sshd: /) {
        t = l[1]; sub(/^sshd: /, "", t); sub(/ \[(listener|accepted)\].*$/, "", t); m = split(t, w, " "); glue = 1
      } else { for (m = 1; m <= n; m++) w[m] = l[m]; m = n }
      for (i = 2; i <= m; i++) {
        if (w[i] !~ /^-[A-Za-z0-9]/) { if (glue && last != "") out[last] = out[last] " " w[i]; continue }
        last = ""
        for (j = 2; j <= length(w[i]); j++) {
          c = substr(w[i], j, 1)
          if (index("bCcEfghkopu", c) == 0) continue
          v = substr(w[i], j + 1); if (v == "") v = w[++i]
          if (index("cfhop", c)) { k++; flag[k] = "-" c; out[k] = v; last = k }
          break
        }
      }
      for (i = 1; i <= k; i++) { print flag[i]; print out[i] }
    }'
}
# server_key FLAGS: the same for flags that make sshd read the same. The ports and host keys do not matter.
server_key() {
  put "$1$NL" | awk '
    NR % 2 { f = $0; next }
    f == "-p" || f == "-h" || f == "-c" || (f == "-f" && $0 == "/etc/ssh/sshd_config") { next }
    f == "-o" && tolower($0) ~ /^[ \t]*port[ \t=]/ { next }
    { print f " " $0 }'
}
# note_server BINARY PID FLAGS FROM: one more way of starting sshd, unless it is known. Sets _i to its number, or 0.
SERVERS=0
MAIN=1
note_server() {
  _k=; [ -z "$3" ] || _k=$(server_key "$3")
  _i=1
  while [ "$_i" -le "$SERVERS" ]; do
    if eval "[ \"\$_k\" = \"\$SERVER_KEY_$_i\" ] && [ \"\$1\" = \"\$SERVER_BIN_$_i\" ]"; then return; fi
    _i=$((_i + 1))
  done
  [ "$SERVERS" -lt 5 ] || { _i=0; setup_gap 'sshd is started in more than 5 different ways: the rest was not evaluated'; return; }
  SERVERS=$_i
  eval "SERVER_KEY_$_i=\$_k SERVER_BIN_$_i=\$1 SERVER_PID_$_i=\$2 SERVER_FLAGS_$_i=\$3 SERVER_FROM_$_i=\$4"
}
# running_servers: every sshd of root on this host that only root can have put there. SESSION_SSHD is the program of a
# connection being served, for a host where nothing listens; SEEN is 1 when there is any, SUPER when inetd runs.
SEEN=0
SUPER=0
SESSION_SSHD=
running_servers() {
  _old=$IFS; IFS=$NL; set -f
  for _l in $SSH_PROCESSES; do
    IFS=$_old
    _pid=${_l%% *} _exe=${_l#* }; _exe=${_exe% (deleted)}
    case ${_exe##*/} in
      sshd | sshd.*) ;;
      sshd-session*) SEEN=1; continue ;;
      *inetd) SUPER=1; continue ;;
      busybox*) is_session "$_pid"; case $_t in *inetd*) SUPER=1 ;; esac; continue ;;
      *) continue ;;
    esac
    if is_session "$_pid"; then SEEN=1 SESSION_SSHD=$_exe; continue; fi
    _title=$_t
    place_of "$_pid"
    [ "$OWNER" = 0 ] || continue
    [ "$PLACE" != container ] || continue
    SEEN=1
    if ! safe_program "$_exe"; then
      setup_gap "the sshd of process $_pid ($_exe) can be changed by others than root: what it does is not known"
      continue
    fi
    case $_title in 'sshd: '*'[listener]'*) ;; 'sshd: '*) setup_gap 'the title of the running sshd is cut: its options are not known' ;; esac
    note_server "$_exe" "$_pid" "$(daemon_flags "$_pid")" "pid $_pid"
  done
  set +f; IFS=$_old
}
find_sshd() {
  spaces_of 1; PID1_MOUNTS=$MOUNTS PID1_PIDS=$PIDS
  spaces_of self; OWN_MOUNTS=$MOUNTS OWN_PIDS=$PIDS
  find_processes
  running_servers
  _running=$SERVERS
  read_units
  unit_servers
  if [ "$SERVERS" -gt 0 ]; then
    # With the usual options it is the host's own, and any other a second one. Where none runs, the likeliest is first.
    _i=1
    while [ "$_i" -le "$_running" ]; do
      if eval "[ -z \"\$SERVER_KEY_$_i\" ]"; then MAIN=$_i; break; fi
      _i=$((_i + 1))
    done
    eval "SSHD=\$SERVER_BIN_$MAIN SSHD_PID=\$SERVER_PID_$MAIN SSHD_FLAGS=\$SERVER_FLAGS_$MAIN"
    return
  fi
  for _exe in $SESSION_SSHD /usr/sbin/sshd /usr/sbin/sshd.pam /sbin/sshd /usr/local/sbin/sshd /opt/openssh/sbin/sshd /usr/bin/sshd; do
    safe_program "$_exe" || continue
    SSHD=$_exe
    return
  done
}
