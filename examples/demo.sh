#!/bin/bash
# A tour in a throwaway repository: `make demo`, or with sealring on PATH, this file.
# Everything happens below one temporary directory, HOME too, and is removed at the end.
set -euo pipefail

shop=$(cd "$(dirname "$0")/shop" && pwd)
top=$(mktemp -d "${TMPDIR:-/tmp}/sealring-demo.XXXXXX")
trap 'rm -rf "$top"' EXIT

# Nothing of the user's may be read: no identities, no git settings, no agent.
for name in $(compgen -e); do
    case $name in GIT_* | SEALRING_* | SSH_AUTH_SOCK | XDG_*) unset "$name" ;; esac
done
export GIT_CONFIG_NOSYSTEM=1 GIT_PAGER=cat LC_ALL=C.UTF-8

if [[ -t 1 && -z ${NO_COLOR:-} ]]; then bold=$'\e[1m' blue=$'\e[34m' plain=$'\e[0m'; else bold='' blue='' plain=''; fi

step() { printf '\n%s%s. %s%s\n' "$bold" "$((++count))" "$1" "$plain"; }
tell() { printf '%s\n' "$@"; }
count=0

# Each person has a HOME and works in a clone of the same name.
new_person() {
    mkdir -p "$top/home/$1"
    HOME=$top/home/$1 git config --global user.name "$1"
    HOME=$top/home/$1 git config --global user.email "$1@example.com"
    HOME=$top/home/$1 git config --global init.defaultBranch main
    HOME=$top/home/$1 git config --global advice.detachedHead false
}

# as NAME COMMAND: show a command as typed, and run it as this person.
as() {
    printf '%s%s$ %s%s\n' "$blue" "$1" "$2" "$plain"
    quiet_as "$1" "$2"
}
quiet_as() (
    export HOME=$top/home/$1 XDG_CONFIG_HOME=$top/home/$1/.config USER=$1 LOGNAME=$1
    if [[ -d $top/$1 ]]; then cd "$top/$1"; else cd "$top"; fi
    eval "$2"
)

# refused STATUS NAME COMMAND: as `as`, for what must fail, and with which exit status.
refused() {
    local status=0
    as "$2" "$3" || status=$?
    if ((status != $1)); then
        echo "demo: expected exit status $1, not $status" >&2
        exit 1
    fi
    tell "(exit status $status, as it must be)"
}

plain_files=(config/production.yaml config/features.json .env.production k8s/secret.yaml compose.yaml)
commit() { as "$1" "git add -A && git commit -q -m '$2'"; }

for person in alice bob ci; do new_person "$person"; done
git init -q --bare -b main "$top/origin.git"

step "Alice makes her shop's repository a sealring repository"
cp -R "$shop" "$top/alice"
quiet_as alice 'git init -q && git remote add origin ../origin.git'
as alice 'sealring init --group dev --group prod --recovery ../recovery-identity.txt'
tell "" "The rules that say what is secret: examples/shop/policy.yaml."
as alice 'mkdir .sealring/policy.d && mv policy.yaml .sealring/policy.d/shop.yaml'

step "She seals: each secret value on its own, the rest of each file stays"
as alice 'sealring encrypt'
as alice 'grep -n -A4 "^payment:" config/production.yaml | cut -c 1-96'
tell "" "Lines that the plaintext files do not have:"
for file in "${plain_files[@]}"; do
    numbers=$(git diff --no-index --numstat "$shop/$file" "$top/alice/$file" || true)
    [[ -n $numbers ]] || { echo "demo: $file was not sealed" >&2; exit 1; }
    printf '  %-24s %s of %s\n' "$file" "$(cut -f 1 <<<"$numbers")" "$(wc -l <"$shop/$file" | tr -d ' ')"
done
tell "" "Sealing again changes nothing:"
as alice 'sealring encrypt --check && echo "all sealed"'
commit alice "Add configuration"

step "CI gets an identity of its own, and reads production"
as alice 'sealring member add ci --kind machine --generate > ../ci-identity.txt'
as alice 'sealring grant prod ci --yes'
as alice 'git status --short'
commit alice "Let ci read prod"
as alice 'git push -q -u origin main'

step "In CI: a fresh clone, and the identity in one variable, from the CI system's secret store"
as ci 'git clone -q origin.git ci'
ci_with='export SEALRING_IDENTITY="$(cat ../ci-identity.txt)";'
as ci "$ci_with"' sealring run -f .env.production -- sh -c '\''echo "the server sees: $SESSION_SECRET, $LOG_LEVEL"'\'
as ci "$ci_with"' sealring get config/production.yaml "database.replicas[name=eu-north].password"'
for file in config/production.yaml .env.production k8s/secret.yaml; do
    quiet_as ci "$ci_with sealring decrypt $file" | cmp - "$shop/$file"
    tell "decrypted, $file is the original, byte for byte"
done
tell "" "ci is not in dev, so this stays closed:"
refused 11 ci "$ci_with"' sealring get config/features.json analytics.write_key'

step "One value changes, so one line changes"
as alice 'sealring generate --length 32 | sealring set config/production.yaml payment.api_key'
as alice 'git diff --stat'
as alice 'git diff -U0 config/production.yaml | grep "^[-+] " | cut -c 1-96'
commit alice "Change the key for payments"

step "Bob joins, and no sealed file changes"
as bob 'sealring identity new'
recipient=$(quiet_as bob 'sealring identity show')
as alice "sealring member add bob --recipient $recipient"
as alice 'sealring grant dev bob --yes'
as alice 'git add -A && git diff --cached --stat=76'
as alice 'git diff --cached --quiet -- . ":!.sealring" && echo "nothing outside of .sealring has changed"'
commit alice "Let bob read dev"
quiet_as alice 'git push -q'
as bob 'git clone -q origin.git bob'
as bob 'sealring get config/features.json analytics.write_key'

step "Bob leaves: a new epoch for dev, and its values are sealed again"
as alice 'sealring revoke dev bob --yes'
as alice 'git add -A && git diff --cached --stat=76 -- . ":!.sealring"'
commit alice "Take bob out of dev"
quiet_as alice 'git push -q'
as bob 'git pull -q'
refused 11 bob 'sealring get config/features.json analytics.write_key'
tell "What Bob has seen he may remember: those values are to be changed at their source."

step "Prod is rotated for good measure; then all is in order"
as alice 'sealring rotate prod --yes'
commit alice "Rotate prod"
as alice 'sealring status'
as alice 'git log --oneline --stat=76 -- .sealring/groups/dev | tail -n 25'

cat <<EOF

${bold}What you have seen${plain}
Five files went into git, each secret value sealed on its own, everything else readable.
CI opened production with one variable and got the very bytes back. A changed value was a changed line.
Letting Bob in wrote a few small files under .sealring; taking him out sealed the values of his group,
and no others, under a new epoch. The history of .sealring/groups is the record of who could read what.
All of it was in $top, which is gone now.
EOF
