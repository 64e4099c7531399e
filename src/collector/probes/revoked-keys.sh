# The files RevokedKeys names for any connection. Records: `value W`, `F`/`D` records, `gap W`.
# From OpenSSH 10.3 it may name several, and sshd prints them without quotes: a value that is a file is one path.
probe_revoked_keys() {
  every_value revokedkeys
  _old=$IFS; IFS=$NL; set -f
  _m=0
  for _v in $VALUES; do
    IFS=$_old
    _m=$((_m + 1))
    [ "$_m" -le 50 ] || { gap 'more than 50 different values of RevokedKeys'; break; }
    word "$_v"; echo "value $W"
    if [ -e "$_v" ] || [ -L "$_v" ]; then read_file "$_v" 2097152; continue; fi
    for _x in $_v; do
      case $_x in /*) read_file "$_x" 2097152 ;; esac
    done
  done
  set +f; IFS=$_old
}
