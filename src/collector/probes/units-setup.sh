# What starts servers besides what runs now. Functions of the set-up; daemon-setup.sh calls them.
#   UNIT_LINES      `FILE<TAB>LINE<TAB>TEXT` of unit files, their drop-ins and super-servers' files
#   OPTION_LINES    the same of files that hold daemon options
#   UNITS_SHOWN     what systemctl shows
#   START_LINES     `SOURCE<TAB>SERVER<TAB>COMMAND` of what starts an sshd today; SERVER 0: not evaluated
UNIT_LINES=
OPTION_LINES=
UNITS_SHOWN=
START_LINES=
read_units() {
  set --
  for _d in /etc/systemd/system /run/systemd/system /run/systemd/generator /run/systemd/generator.late /usr/local/lib/systemd/system /usr/lib/systemd/system; do
    for _f in "$_d"/ssh*.service "$_d"/ssh*.socket "$_d"/ssh*.service.d/*.conf "$_d"/ssh*.socket.d/*.conf \
      "$_d"/dropbear*.service "$_d"/dropbear*.socket "$_d"/tailscaled.service "$_d"/teleport*.service "$_d"/*telnet*.service "$_d"/*telnet*.socket; do
      [ ! -f "$_f" ] || [ "$#" -ge 60 ] || set -- "$@" "$_f"
    done
  done
  for _f in /etc/inetd.conf /etc/xinetd.d/*; do [ ! -f "$_f" ] || [ "$#" -ge 80 ] || set -- "$@" "$_f"; done
  # shellcheck disable=SC2016 # fields of awk
  [ "$#" = 0 ] || UNIT_LINES=$(T 5 awk '
    function emit(line, text) { gsub(/\t/, " ", text); if (n++ < 300) print FILENAME "\t" line "\t" substr(text, 1, 1000) }
    FNR == 1 { acc = srv = args = ""; off = 0 }
    FNR > 2000 { next }
    FILENAME ~ /\/xinetd/ {
      if ($1 == "disable" && $3 == "yes") off = 1
      if ($1 == "server") { at = FNR; srv = $3 }
      if ($1 == "server_args") { args = $0; sub(/^[^=]*=/, "", args) }
      if ($1 == "}") { if (srv != "" && !off) emit(at, srv args); srv = args = ""; off = 0 }
      next
    }
    { if (acc == "") at = FNR; line = acc $0 }
    line ~ /\\$/ && length(line) < 4000 { acc = substr(line, 1, length(line) - 1) " "; next }
    { acc = "" }
    line ~ /^[ \t]*(Exec(Start|StartPre|Reload)|Listen[A-Za-z]*|EnvironmentFile|Accept|Alias)[ \t]*=/ { emit(at, line); next }
    FILENAME ~ /inetd/ && line ~ /^[^#]*(sshd|dropbear|telnetd|rshd|rlogind)/ { emit(at, line) }' "$@")$NL
  set --
  for _f in /etc/default/ssh /etc/default/sshd /etc/default/dropbear /etc/sysconfig/sshd /etc/sysconfig/ssh /etc/conf.d/sshd; do [ ! -f "$_f" ] || set -- "$@" "$_f"; done
  # shellcheck disable=SC2016 # fields of awk
  [ "$#" = 0 ] || OPTION_LINES=$(T 5 awk 'FNR < 500 && /^[ \t]*(export[ \t]+)?[A-Za-z_]*(OPT|ARG|FLAG|EXTRA|CRYPTO_POLICY)[A-Za-z_]*=/ { gsub(/\t/, " "); if (n++ < 50) print FILENAME "\t" FNR "\t" substr($0, 1, 500) }' "$@")$NL
  if [ -d /run/systemd/system ] && command -v systemctl >/dev/null; then
    UNITS_SHOWN=$(T 5 systemctl show --no-pager -p Id -p LoadState -p ActiveState -p ExecStart -p Listen -p UnitFileState \
      ssh.service sshd.service ssh.socket sshd.socket 'ssh*.socket' 'dropbear*' 'tailscaled.service' 'teleport*' '*telnet*' 'ssh*.service' | head -c 32768)
  fi
}
# start_commands: `SOURCE<TAB>BINARY<TAB>FLAGS` of every sshd that starts by itself: what systemd runs or would run for an
# active socket, super-servers' lines where one runs, units made at boot; where there is no sign of life, every unit,
# those without options first. FLAGS are one argument each, behind SOH. `$NAME` is looked up in the files of options.
start_commands() {
  { put "${OPTION_LINES}#$NL${UNIT_LINES}#$NL$UNITS_SHOWN$NL$NL"; } | awk -F '\t' -v super="$SUPER" -v seen="$SEEN" -v S="$(printf '\001')" '
    function split_words(s, depth,   i, c, q, cur, has, len, k) {
      cur = q = ""; has = 0; len = length(s)
      for (i = 1; i <= len + 1; i++) {
        c = i <= len ? substr(s, i, 1) : " "
        if (i > len) q = ""
        if (q != "") { if (c == q) q = ""; else cur = cur c; continue }
        if (c == "\"" || c == "\047") { q = c; has = 1; continue }
        if (c != " " && c != "\t") { cur = cur c; continue }
        if (!has && cur ~ /^\$[A-Za-z_][A-Za-z0-9_]*$/) { if (substr(cur, 2) in env && depth < 3) split_words(env[substr(cur, 2)], depth + 1) }
        else if (has || cur != "") {
          for (k = 0; k < 5 && match(cur, /\$\{[A-Za-z_][A-Za-z0-9_]*\}/); k++)
            cur = substr(cur, 1, RSTART - 1) env[substr(cur, RSTART + 2, RLENGTH - 3)] substr(cur, RSTART + RLENGTH)
          word[++words] = cur
        }
        cur = ""; has = 0
      }
    }
    function emit(source, command, plain,   i, j, c, v, k, last, flags, bin) {
      words = 0; split_words(command, 0)
      for (i = 1; i <= words; i++) { bin = word[i]; sub(/^[-@:+!|]+/, "", bin); if (bin ~ /^\/(.*\/)?sshd(\.[^\/]*)?$/) break }
      if (i > words) return
      k = last = 0
      for (i++; i <= words; i++) {
        if (word[i] !~ /^-[A-Za-z0-9]/) { if (last) out[last] = out[last] " " word[i]; continue }
        last = 0
        for (j = 2; j <= length(word[i]); j++) {
          c = substr(word[i], j, 1)
          if (index("bCcEfghkopu", c) == 0) continue
          v = substr(word[i], j + 1); if (v == "") v = word[++i]
          if (index("cfhop", c)) { k++; flag[k] = "-" c; out[k] = v; last = k }
          break
        }
      }
      flags = ""
      for (i = 1; i <= k; i++) flags = flags S flag[i] S out[i]
      if (plain && flags != "") return
      if (!((bin, flags) in done) && n++ < 20) { done[bin, flags] = 1; print source "\t" bin "\t" flags }
    }
    function unit_of(path) { if (path ~ /\.d\/[^\/]*$/) sub(/\.d\/[^\/]*$/, "", path); sub(/^.*\//, "", path); return path }
    $0 == "#" && part < 2 { part++; next }
    part == 0 { name = $3; sub(/^[ \t]*(export[ \t]+)?/, "", name); i = index(name, "="); value = substr(name, i + 1); name = substr(name, 1, i - 1)
      if (value ~ /^".*"$/ || value ~ /^\047.*\047$/) value = substr(value, 2, length(value) - 2)
      env[name] = value; next }
    part == 1 {
      if ($1 ~ /inetd/) { if (super) { late[++lates] = $1; latetext[lates] = $3 } next }
      if ($1 ~ /\.socket(\.d\/[^\/]*)?$/) {
        u = unit_of($1); sub(/\.socket$/, "", u)
        # Of two files with the same name the first is the one.
        if ($1 ~ /\.socket$/) { if (!(u in mainsocket)) mainsocket[u] = $1; if (mainsocket[u] != $1) next }
        if ($3 ~ /^ *Accept *=/) { if ($3 ~ /= *(yes|true|on|1|y|t) *$/) accept[u] = 1; else delete accept[u] }
        next
      }
      if ($3 !~ /^ *ExecStart *=/) next
      text = $3; sub(/^[^=]*=[ \t]*/, "", text)
      u = unit_of($1)
      if (!(u in order)) { order[u] = ++units; unit[units] = u }
      if ($1 ~ /\.d\/[^\/]*$/) { over[u] = text; overat[u] = $1 } else if (!(u in main)) { main[u] = text; mainat[u] = $1 }
      next
    }
    /^Id=/ { id = substr($0, 4) }
    /^ActiveState=active/ { active = 1 }
    /^ExecStart=/ { argv = $0; if (!sub(/^.*argv\[\]=/, "", argv)) argv = ""; sub(/ ; .*$/, "", argv) }
    $0 == "" { if (active && id ~ /\.socket$/) { sub(/\.socket$/, "", id); socket[id] = 1 } else if (active && argv != "") emit(id, argv); id = argv = ""; active = 0 }
    function start(u, plain) { emit(u in over ? overat[u] : mainat[u], u in over ? over[u] : main[u], plain) }
    END {
      for (a = 1; a <= units; a++) {
        u = unit[a]; at = u in over ? overat[u] : mainat[u]; name = u; template = sub(/@\.service$/, "", name); sub(/\.service$/, "", name)
        if (at ~ /^\/run\/systemd\/generator/) { late[++lates] = at; latetext[lates] = u in over ? over[u] : main[u] }
        else if (name in socket && (name in accept) == template) start(u)
        else idle[++idles] = u
      }
      if (!seen && !n) for (plain = 1; plain >= 0; plain--) for (a = 1; a <= idles; a++) start(idle[a], plain)
      for (a = 1; a <= lates; a++) emit(late[a], latetext[a])
    }'
}
unit_servers() {
  _starts=$(start_commands)
  _old=$IFS; IFS=$NL; set -f
  for _l in $_starts; do
    IFS=$_old
    _source=${_l%%"$TAB"*} _l=${_l#*"$TAB"}
    _exe=${_l%%"$TAB"*} _flags=$(put "${_l#*"$TAB"}" | tr '\001' "$NL" | sed 1d)
    _real=$(readlink -f -- "$_exe")
    # Nothing but such units, and no server seen: the usual one comes first.
    case $_source in /run/systemd/generator* | */inetd* | */xinetd*) [ "$SERVERS" != 0 ] || ! safe_program "$_real" || note_server "$_real" '' '' 'the usual configuration' ;; esac
    if safe_program "$_real"; then note_server "$_real" '' "$_flags" "$_source"; else _i=0; fi
    START_LINES=$START_LINES$_source$TAB$_i$TAB$_exe$(put "$_flags" | tr "$NL" ' ' | sed 's/^/ /')$NL
  done
  set +f; IFS=$_old
}
