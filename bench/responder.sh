# Stands in for a host's collector run: reads the whole script, answers with this host's prepared frames under the
# script's nonce. What is measured is the client. $1: folder with a file of frames for each server address.
IFS= read -r first
nonce=${first#NONCE=}
cat >/dev/null
set -- "$1" $SSH_CONNECTION
sed "s/@@NONCE@@/@@$nonce/" "$1/$4"
