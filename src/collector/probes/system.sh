# Who the host says it is. Records: `hostname W`, `kernel W`, `clock SECONDS`, `os KEY W`.
probe_system() {
  # In this order whatever the order asked for: system, name of the host, release.
  _u=$(uname -snr)
  _v=${_u#* }; word "${_v% *}"; echo "hostname $W"
  word "${_u%% *} ${_u##* }"; echo "kernel $W"
  echo "clock $(date +%s)"
  for _f in /etc/os-release /usr/lib/os-release; do
    [ -r "$_f" ] || continue
    head -c 4096 "$_f" | while IFS='=' read -r _k _v; do
      case $_k in ID | VERSION_ID | PRETTY_NAME) _v=${_v#\"}; word "${_v%\"}"; echo "os $_k $W" ;; esac
    done
    break
  done
}
