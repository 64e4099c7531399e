# The files TrustedUserCAKeys names for any connection. Records: `value W`, `F`/`D` records, `gap W`.
probe_ca_keys() {
  every_value trustedusercakeys
  _old=$IFS; IFS=$NL; set -f
  _m=0
  for _v in $VALUES; do
    IFS=$_old
    _m=$((_m + 1))
    [ "$_m" -le 50 ] || { gap 'more than 50 different values of TrustedUserCAKeys'; break; }
    word "$_v"; echo "value $W"
    # sshd prints it absolute.
    case $_v in /*) read_file "$_v" 262144 ;; esac
  done
  set +f; IFS=$_old
}
