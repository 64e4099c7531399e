/** Every way to run something by itself, good and bad, below a tree for test/helpers/actors-host.ts. */
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { plant } from './actors-host.js';

export function plantSchedules(tree: string): void {
  plant(tree, {
    'etc/crontab':
      'SHELL=/bin/sh\nPATH=/usr/local/bin:/usr/bin\n# 1 2 * * * root ssh commented\n17 * * * * root /usr/bin/ssh h uptime\n@reboot atm-backup rsync -a /x h:/y\n*/5 * * * * root ops-ssh-wrapper ssh h\n0 0 * * * root echo ssh h\n0 0 * * * root /bin/sh%ssh h\n' +
      '1 1 * * * root /opt/direct.sh\n1 1 * * * root sh /opt/by-sh arg\n1 1 * * * root cd /opt/dir && ./run.sh\n1 1 * * * atm-backup $HOME/bin/home.sh\n1 1 * * * root bare-name --now\n1 1 * * * root run-parts /opt/parts\n1 1 * * * root python3 /opt/x.py\n1 1 * * * root "/opt/with blank/run.sh"\n1 1 * * * root /usr/local/bin/ops-ssh-wrapper /opt/wrapped.sh\n1 1 * * * root cat /opt/data.conf\n',
    'etc/cron.d/jobs':
      '0 1 * * * atm-backup scp /a h:\n@daily\troot\tsftp -b - h\n0 2 * * * root rsync -a /a /b\n0 2 * * * root systemctl restart ssh\n',
    'etc/anacrontab': 'RANDOM_DELAY=5\n1 5 backup ssh h true\n',
    'cron/crontabs/atm-backup': 'MAILTO=x\n0 1 * * * ssh h\n0 1 * * * ssh-keygen -l -f k\n',
    'etc/systemd/system/push.service':
      '[Service]\nUser=atm-backup\nWorkingDirectory=/opt/unit\n# ExecStart=/usr/bin/scp x h:\nExecStart=-/usr/bin/env \\\n  # a comment between\n  ssh -N \\\n  h\n',
    'etc/systemd/system/relative.service':
      '[Service]\nWorkingDirectory=/opt/unit\nExecStart=/bin/sh relative.sh\n',
    'etc/systemd/system/push.timer': '[Timer]\nOnCalendar=daily\n',
    'etc/systemd/system/other.service.d/x.conf':
      '[Service]\nExecStart=\nExecStart=+/usr/bin/autossh -M 0 h\n',
    'etc/systemd/system/good.service': '[Service]\nExecStart=/usr/local/bin/atm-wrapper.sh ssh h\n',
    'home/agt-resolver/.config/systemd/user/loop.service': '[Service]\nExecStart=/usr/bin/timeout 5 ssh h\n',
    'opt/data.conf': 'ssh h\n',
  });
  plant(tree, { 'etc/cron.daily/not-executable': '#!/bin/sh\nssh h\n' });
  plant(
    tree,
    {
      'cron/atjobs/a0000101':
        '#!/bin/sh\n# atrun uid=2001\numask 22\nSSH_CLIENT=x; export SSH_CLIENT\nssh h uptime\n',
    },
    0o700,
  );
  plant(
    tree,
    {
      'etc/cron.daily/sync': '#!/bin/sh\n# rsync to h\nrsync -a /x \\\n  backup@h:/y\n',
      'opt/direct.sh': '#!/bin/bash\nssh h\n',
      'opt/dir/run.sh': '#!/bin/bash\nssh h\n',
      'home/atm-backup/bin/home.sh': '#!/bin/bash\nssh h\n',
      'usr-local/bin/bare-name': '#!/bin/bash\nssh h\n',
      'opt/parts/one': '#!/bin/bash\nssh h\n',
      'opt/with blank/run.sh': '#!/bin/bash\nssh h\n',
      'opt/wrapped.sh': '#!/bin/bash\nssh h\n',
      'usr-local/bin/ops-ssh-wrapper':
        '#!/bin/sh\nset -e\ncert=$(vault write -field=signed_key ssh/sign/agt-role public_key="$SSH_PUBKEY")\nexec ssh -o CertificateFile="$cert" "$@"\n',
    },
    0o755,
  );
  plant(tree, {
    'opt/by-sh': 'ssh h\n',
    'opt/x.py': 'import subprocess\nsubprocess.run(["ssh", "h"])\n',
    'opt/unit/relative.sh': 'ssh h\n',
  });
  writeFileSync(join(tree, 'etc/cron.d/.placeholder'), '* * * * * root ssh h\n');
  spawnSync('chown', ['2001', join(tree, 'cron/atjobs/a0000101')]);
}
