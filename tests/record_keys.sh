#!/bin/sh
# Makes tests/cases/dropin/tree/keys and tree/signed: keys of every kind that rhumb reads, by gpg,
# and one chart packaged and signed by each of them, by Helm.
#
#   record_keys.sh [HELM]      HELM: path of the binary, else `helm`
#
# Keys date from 2024, whatever the clock says. Nobody trusts them; their secrets are public.
set -eu
helm=$(command -v "${1:-helm}")
tree=$(cd "$(dirname "$0")" && pwd)/cases/dropin/tree
GNUPGHOME=$(mktemp -d)
export GNUPGHOME
trap 'rm -rf "$GNUPGHOME"' EXIT
rm -rf "$tree/keys" "$tree/signed"
mkdir "$tree/keys" "$tree/signed"
cd "$tree"

gpg() { command gpg --quiet --batch --pinentry-mode loopback --passphrase "$passphrase" "$@"; }
key() { gpg --faked-system-time 20240101T000000 --quick-gen-key "$@"; }
fingerprint() { gpg --list-keys --with-colons "$1" | awk -F: '/^fpr/ { print $10; exit }'; }
passphrase=''
key 'Rsa <rsa@example.com>' rsa2048 sign never
key 'Dsa <dsa@example.com>' dsa2048 sign never
key 'Edward <edward@example.com>' ed25519 sign never
for bits in 256 384 521; do key "P$bits <p$bits@example.com>" "nistp$bits" sign never; done
key 'Expired <expired@example.com>' ed25519 sign 1y
key 'Revoked <revoked@example.com>' ed25519 sign never
key 'Parted <parted@example.com>' rsa2048 cert never
gpg --faked-system-time 20240101T000001 --quick-add-key "$(fingerprint parted@)" ed25519 sign never
gpg --export-secret-keys > keys/secret.gpg
gpg --armor --export-secret-keys rsa@example.com > keys/secret.asc
passphrase='secret words'
printf '%s\n' "$passphrase" > keys/passphrase
key 'Locked <locked@example.com>' rsa2048 sign never
gpg --export-secret-keys locked@example.com > keys/locked.gpg

for name in rsa@ dsa@ edward@ p256@ p384@ p521@ expired@ revoked@ locked@; do
    ring=keys/secret.gpg
    [ $name != locked@ ] || ring=keys/locked.gpg
    "$helm" package kid -d "signed/${name%@}" --sign --key "$name" --keyring "$ring" \
        --passphrase-file keys/passphrase
done
# Helm signs with the first key only; gpg with the subkey that may.
passphrase=''
mkdir signed/parted
cp signed/rsa/kid-0.1.0.tgz signed/parted
sed -n '/^apiVersion/,/^  kid/p' signed/rsa/kid-0.1.0.tgz.prov |
    gpg --local-user parted@ --clearsign > signed/parted/kid-0.1.0.tgz.prov
# Two that are not what they seem: other words, another archive.
cp -r signed/rsa signed/changed
sed -i 's/A chart that/Some chart that/' signed/changed/kid-0.1.0.tgz.prov
cp -r signed/rsa signed/replaced
printf x >> signed/replaced/kid-0.1.0.tgz
mkdir signed/renamed
cp signed/rsa/kid-0.1.0.tgz signed/renamed/other.tgz
cp signed/rsa/kid-0.1.0.tgz.prov signed/renamed/other.tgz.prov

passphrase='secret words'
sed 's/^:-----/-----/' "$GNUPGHOME/openpgp-revocs.d/$(fingerprint revoked@).rev" | gpg --import
passphrase=''
gpg --export > keys/public.gpg
gpg --export edward@ > keys/edward.gpg
gpg --armor --export rsa@ > keys/public.asc
cp "$GNUPGHOME/pubring.kbx" keys/pubring.kbx
head -c 300 keys/public.gpg > keys/cut.gpg
: > keys/empty.gpg
