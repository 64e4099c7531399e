# The configuration as sshd reads it. Records: `binary W`, `mode W`, `version W`, `flags W`, `F`/`D` records of the files in
# reading order, `link W stat` of links among them, `glob W` and `folder W stat` of Include patterns, `files W` (those of
# this sshd), `match W`, `cases W` (`answer rc user host address local-address local-port`, tab-separated), `classes W`
# (`asked<TAB>account`), `answer NUMBER W`, `error W`, `gap W`, and for every other way sshd is started
# `server NUMBER BINARY FLAGS FROM FILES MATCH CASES CLASSES ERROR`.
probe_sshd() {
  put "$SETUP_GAPS" | while IFS= read -r _l; do word "$_l"; echo "gap $W"; done
  if [ -z "$SSHD" ]; then echo 'binary -'; return; fi
  word "$SSHD"; echo "binary $W"
  word "$SSHD_FLAGS"; echo "flags $W"
  echo "mode $SSHD_MODE"
  # Older ones know no -V and tell their version while complaining, newer ones tell less with -V.
  word "$({ T 5 "$SSHD" '-?'; T 5 "$SSHD" -V; } 2>&1 </dev/null | awk '/OpenSSH_/ && n++ < 2 { gsub(/\r/, ""); print }' | head -c 400)"; echo "version $W"
  word "$SSHD_FILES"; echo "files $W"
  word "$SSHD_MATCHES"; echo "match $W"
  word "$SSHD_CASES"; echo "cases $W"
  word "$CLASSES"; echo "classes $W"
  [ -z "$SSHD_ERRORS" ] || { word "$SSHD_ERRORS"; echo "error $W"; }
  _i=1
  while [ "$_i" -le "$OUTPUTS" ]; do
    eval "word \"\$SSHD_OUTPUT_$_i\""; echo "answer $_i $W"
    _i=$((_i + 1))
  done
  _server=1
  while [ "$_server" -le "$SERVERS" ]; do
    if [ "$_server" != "$MAIN" ]; then
      _w="server $_server"
      for _v in SERVER_BIN SERVER_FLAGS SERVER_FROM OTHER_FILES OTHER_MATCHES OTHER_CASES OTHER_CLASSES OTHER_ERRORS; do
        eval "word \"\${${_v}_$_server}\""; _w="$_w $W"
      done
      echo "$_w"
    fi
    _server=$((_server + 1))
  done
  _old=$IFS; IFS=$NL; set -f
  for _g in $ALL_GLOBS; do
    word "$_g"; echo "glob $W"
    case $_g in */*) _d=${_g%/*}; stat_word "${_d:-/}" -L; word "${_d:-/}"; echo "folder $W $S" ;; esac
  done
  # read_file has variables of its own: _d _n _r _s _c _p.
  _files=0
  for _file in $ALL_FILES; do
    _files=$((_files + 1))
    [ "$_files" -le 128 ] || { word 'sshd reads more than 128 configuration files: the rest was not collected'; echo "gap $W"; break; }
    IFS=$_old
    [ ! -L "$_file" ] || { stat_word "$_file"; word "$_file"; echo "link $W $S"; }
    read_file "$_file" 262144
    IFS=$NL
  done
  set +f; IFS=$_old
}
