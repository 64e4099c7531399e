# Stands in for a host's collector run: reads the whole script, answers with prepared frames under the script's nonce.
# What is measured is the client: login, exec, 100 KB of frames, parsing, judging.
IFS= read -r first
nonce=${first#NONCE=}
cat >/dev/null
sed "s/@@NONCE@@/@@$nonce/" "$1"
