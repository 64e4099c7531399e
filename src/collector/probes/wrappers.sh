# The programs agents and automations must go through. `F` and `D` records; WRAPPERS is one path per line.
probe_wrappers() {
  _old=$IFS; IFS=$NL; set -f
  for _f in $WRAPPERS; do
    IFS=$_old; set +f
    read_file "$_f" 131072
    IFS=$NL; set -f
  done
  set +f; IFS=$_old
}
