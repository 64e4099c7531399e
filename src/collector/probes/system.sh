# Who the host says it is. Records: `hostname W`, `kernel W`, `clock SECONDS`, `os KEY W`.
probe_system() {
  word "$(uname -n)"; echo "hostname $W"
  word "$(uname -sr)"; echo "kernel $W"
  echo "clock $(date +%s)"
  for _f in /etc/os-release /usr/lib/os-release; do
    [ -r "$_f" ] || continue
    head -c 4096 "$_f" | while IFS='=' read -r _k _v; do
      case $_k in ID | VERSION_ID | PRETTY_NAME) _v=${_v#\"}; word "${_v%\"}"; echo "os $_k $W" ;; esac
    done
    break
  done
}
