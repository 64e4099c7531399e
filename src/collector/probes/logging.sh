# Where log lines go: the journal, syslog daemons and forwarders, with their configuration, secrets taken out.
#   `journald PID|-`   `devlog TARGET`   `folder PATH stat`
#   `process TOOL PID UID PLACE EXE-OWNER EXE ARGUMENTS`: PLACE is `host`, or `container` for another root folder
#   `C TOOL PATH STATUS CONTENT`: a configuration file   `I PATTERN PATH…`: what an include of rsyslog's stands for   `gap W`
CONF_COUNT=0 CONF_SEEN=$NL
# conf TOOL PATH: at most 120 files of 128 KiB, each once.
conf() {
  [ -e "$2" ] || [ -L "$2" ] || return 1
  case $CONF_SEEN in *"$NL$1 $2$NL"*) return 0 ;; esac
  CONF_SEEN=$CONF_SEEN$1\ $2$NL
  CONF_COUNT=$((CONF_COUNT + 1))
  if [ "$CONF_COUNT" -gt 120 ]; then
    [ "$CONF_COUNT" -gt 121 ] || { word 'more than 120 configuration files of log programs: the rest was left out'; echo "gap $W"; }
    return 1
  fi
  word "$2"; _p=$W _c=-
  if [ ! -f "$2" ]; then _s=not-regular
  elif [ ! -r "$2" ]; then _s=denied
  else
    _s=ok
    [ "$(stat -L -c %s -- "$2" 2>/dev/null || echo 0)" -le 131072 ] || _s='cut'
    _c=$(T 5 head -c 131072 -- "$2" 2>/dev/null | redact | base64 -w0); [ -n "$_c" ] || _c=-
  fi
  echo "C $1 $_p $_s $_c"
}
confs() { _tool=$1; shift; for _f do conf "$_tool" "$_f"; done; }
# rsyslog_conf PATH: the file and everything it includes, to a depth of eight.
rsyslog_conf() {
  _queue=$1 _depth=0
  while [ -n "$_queue" ] && [ "$_depth" -lt 8 ]; do
    _depth=$((_depth + 1)) _next=
    _old=$IFS; IFS=$NL
    for _q in $_queue; do
      conf rsyslog "$_q" || continue
      [ -f "$_q" ] || continue
      _text=$(T 5 head -c 131072 -- "$_q" 2>/dev/null | tr -d '\000')
      # Both spellings; include() may stand on several lines. Most files hold neither.
      _found=
      case $_text in *\$[Ii][Nn][Cc][Ll][Uu][Dd][Ee][Cc]*)
        _found=$(put "$_text" | sed -n 's/^[ 	]*\$[Ii][Nn][Cc][Ll][Uu][Dd][Ee][Cc][Oo][Nn][Ff][Ii][Gg][ 	][ 	]*\([^ 	#]*\).*$/\1/p')$NL ;;
      esac
      case $_text in *[Ii][Nn][Cc][Ll][Uu][Dd][Ee][\("$NL 	"]*)
        _found=$_found$(put "$_text" | tr '\n' ' ' | grep -oiE 'include[ 	]*\([^)]*\)' | sed -n 's/^.*[Ff][Ii][Ll][Ee][ 	]*=[ 	]*["'\'']\(\/[^"'\'']*\)["'\''].*$/\1/p') ;;
      esac
      case $_found in *"$NL"?*) _found=$(put "$_found$NL" | sort -u | head -n 50) ;; esac
      set -f
      for _i in $_found; do
        set +f
        case $_i in /*) ;; *) continue ;; esac
        case $INCLUDED in *"$NL$_i$NL"*) continue ;; esac
        INCLUDED=$INCLUDED$_i$NL
        _glob=$_i; [ ! -d "$_i" ] || _glob="${_i%/}/*"
        word "$_i"; _record="I $W" _k=0
        # shellcheck disable=SC2086 # a pattern of rsyslog's, for the shell to expand; IFS is a newline
        for _m in $_glob; do
          [ -f "$_m" ] || continue
          _k=$((_k + 1)); [ "$_k" -le 100 ] || break
          word "$_m"; _record="$_record $W" _next=$_next$_m$NL
        done
        echo "$_record"
      done
      set +f
    done
    IFS=$_old
    _queue=$_next
  done
  [ -z "$_queue" ] || { word 'includes of rsyslog nest deeper than eight files'; echo "gap $W"; }
}
# tool EXE: sets TOOL to the name of a program that writes or forwards logs; empty for others.
tool() {
  case ${1##*/} in
    rsyslogd) TOOL=rsyslog ;; syslog-ng) TOOL=syslog-ng ;; syslogd | inetutils-syslogd) TOOL=syslogd ;; busybox*) TOOL=busybox ;;
    systemd-journald) TOOL=journald ;; systemd-journal-upload) TOOL=journal-upload ;; systemd-netlogd) TOOL=netlogd ;;
    promtail*) TOOL=promtail ;; alloy | grafana-agent*) TOOL=alloy ;; fluent-bit | td-agent-bit) TOOL=fluent-bit ;; ruby*) TOOL=ruby ;;
    vector) TOOL=vector ;; filebeat | auditbeat | journalbeat) TOOL=filebeat ;; elastic-agent) TOOL=elastic-agent ;; otelcol*) TOOL=otelcol ;;
    agent) case $1 in *datadog*) TOOL=datadog ;; *) TOOL= ;; esac ;; wazuh-agentd | wazuh-logcollector | ossec-agentd | ossec-logcollector) TOOL=wazuh ;;
    splunkd) TOOL=splunk ;; amazon-cloudwatch-agent) TOOL=cloudwatch ;; auditd | audisp-remote) TOOL=auditd ;;
    nxlog | logstash | google_cloud_ops_agent* | mdsd | amacoreagent) TOOL=${1##*/} ;;
    *) TOOL= ;;
  esac
}
log_processes() {
  _root=$(stat -L -c %d:%i / 2>/dev/null) _journald=- _count=0
  _old=$IFS; IFS=$NL
  for _line in $PROCESSES; do
    IFS=$_old
    _pid=${_line%% *} _exe=${_line#* }
    tool "${_exe% (deleted)}"
    [ -n "$TOOL" ] || continue
    A=$(stat -L -c '%n %u %d:%i' -- "/proc/$_pid/root/" "/proc/$_pid" "/proc/$_pid/exe" 2>/dev/null)
    told "/proc/$_pid/root/"; _there=${V#* }
    [ -n "$_there" ] || continue
    told "/proc/$_pid"; _uid=${V% *}
    told "/proc/$_pid/exe"; _owner=${V% *}
    _place=host
    if [ "$_there" != "$_root" ]; then
      # A container's own syslog is no concern of this host; an agent in a container may well be how it forwards.
      _place=container
      case $TOOL in rsyslog | syslog-ng | syslogd | busybox | journald | auditd) continue ;; esac
    fi
    _args=$({ tr '\0' '\n' <"/proc/$_pid/cmdline"; } 2>/dev/null | head -c 8000)
    case $TOOL in
      busybox) case ${_args%%"$NL"*} in *syslogd) ;; busybox | */busybox) case $_args in *"$NL"syslogd*) ;; *) continue ;; esac ;; *) continue ;; esac ;;
      ruby) case $_args in *fluentd*) TOOL=fluentd ;; *) continue ;; esac ;;
    esac
    _count=$((_count + 1))
    [ "$_count" -le 60 ] || { word 'more than 60 processes of log programs: the rest was left out'; echo "gap $W"; break; }
    [ "$TOOL" != journald ] || _journald=$_pid
    case $TOOL in
      rsyslog | syslog-ng | syslogd | busybox | journald | journal-upload) ;;
      # Of other programs only the program and its configuration file: arguments may be secrets.
      *) _args="${_args%%"$NL"*}$NL$(put "$_args" | tr '\n' ' ' | grep -oE '(^| )--?c(onfig)?([.-]?file)?[ =]?/[^ ]+' | sed 's|^[^/]*||')" ;;
    esac
    word "$_exe"; _w=$W; word "$(put "$_args" | redact)"
    echo "process $TOOL $_pid ${_uid:--} $_place ${_owner:--} $_w $W"
    [ "$_place" = host ] || continue
    _file=
    case $TOOL in
      rsyslog | syslogd | busybox) case $_args in *"$NL"-*f*) _file=$(put "$_args" | sed -n -e 's/^-[dnvx46AqQSw]*f\(\/.*\)$/\1/p' -e '/^-[dnvx46AqQSw]*f$/{n;p;}' | head -n 1) ;; esac ;;
      syslog-ng) _file=$(put "$_args" | sed -n -e 's/^--cfgfile=//p' -e 's/^-f\(\/.*\)$/\1/p' -e '/^-f$/{n;p;}' | head -n 1) ;;
      *) case $_args in *"$NL"*) _file=${_args#*"$NL"} _file=${_file%%"$NL"*} ;; esac ;;
    esac
    case $_file in
      /*) if [ "$TOOL" = rsyslog ]; then RSYSLOG_CONF=$_file; else conf "$TOOL" "$_file"; fi ;;
    esac
    IFS=$NL
  done
  IFS=$_old
  echo "journald $_journald"
}
probe_logging() {
  RSYSLOG_CONF=/etc/rsyslog.conf INCLUDED=$NL
  [ -r /proc/1/stat ] || { word 'there is no readable /proc: running log programs cannot be seen'; echo "gap $W"; }
  log_processes
  if [ -L /dev/log ]; then word "$(readlink -f /dev/log)"; elif [ -e /dev/log ]; then W=/dev/log; else W=-; fi
  echo "devlog $W"
  stat_ahead /var/log/journal /run/log/journal; AHEAD=$NL$A$NL
  for _f in /var/log/journal /run/log/journal; do stat_word "$_f" -L; echo "folder $_f $S"; done
  confs journald /etc/systemd/journald.conf /run/systemd/journald.conf /usr/local/lib/systemd/journald.conf /usr/lib/systemd/journald.conf \
    /etc/systemd/journald.conf.d/*.conf /run/systemd/journald.conf.d/*.conf /usr/local/lib/systemd/journald.conf.d/*.conf /usr/lib/systemd/journald.conf.d/*.conf
  rsyslog_conf "$RSYSLOG_CONF"
  confs syslogd /etc/syslog.conf /etc/syslog.d/*.conf
  confs syslog-ng /etc/syslog-ng/syslog-ng.conf /etc/syslog-ng/conf.d/*.conf
  for _d in /etc /run /usr/lib; do
    confs journal-upload "$_d/systemd/journal-upload.conf" "$_d"/systemd/journal-upload.conf.d/*.conf
    confs netlogd "$_d/systemd/netlogd.conf" "$_d"/systemd/netlogd.conf.d/*.conf
  done
  confs promtail /etc/promtail/*.y*ml /etc/promtail*.y*ml /etc/loki/promtail*.y*ml
  confs alloy /etc/alloy/*.alloy /etc/alloy/conf.d/*.alloy /etc/grafana-agent*.yaml
  confs fluent-bit /etc/fluent-bit/*.conf /etc/fluent-bit/*.y*ml /etc/fluent-bit/conf.d/*.conf /etc/td-agent-bit/*.conf
  confs fluentd /etc/td-agent/td-agent.conf /etc/fluent/fluent*.conf /etc/td-agent/conf.d/*.conf /etc/fluent/conf.d/*.conf
  confs vector /etc/vector/*.y*ml /etc/vector/*.toml /etc/vector/*.json
  confs filebeat /etc/filebeat/filebeat.yml /etc/filebeat/modules.d/system.yml /etc/filebeat/inputs.d/*.yml
  confs elastic-agent /opt/Elastic/Agent/elastic-agent.yml /etc/elastic-agent/elastic-agent.yml
  confs otelcol /etc/otelcol*/*.y*ml
  confs datadog /etc/datadog-agent/datadog.yaml /etc/datadog-agent/conf.d/*.y*ml /etc/datadog-agent/conf.d/*.d/conf.y*ml
  confs wazuh /var/ossec/etc/ossec.conf /var/ossec/etc/shared/agent.conf
  for _d in /opt/splunkforwarder/etc /opt/splunk/etc; do confs splunk "$_d"/system/local/outputs.conf "$_d"/system/local/inputs.conf "$_d"/apps/*/local/outputs.conf "$_d"/apps/*/local/inputs.conf "$_d"/apps/*/default/outputs.conf "$_d"/apps/*/default/inputs.conf; done
  confs cloudwatch /opt/aws/amazon-cloudwatch-agent/etc/*.json /opt/aws/amazon-cloudwatch-agent/etc/amazon-cloudwatch-agent.d/*
  confs auditd /etc/audit/audisp-remote.conf /etc/audisp/audisp-remote.conf /etc/audit/plugins.d/au-remote.conf /etc/audisp/plugins.d/au-remote.conf
  return 0
}
