#!/bin/sh
# Makes tests/cases/dropin/tls with openssl: an authority, certificates that it signed for a server
# and for a client, one for another host, and one that nobody signed. Good for a hundred years.
set -eu
cd "$(dirname "$0")/cases/dropin"
rm -rf tls
mkdir tls
cd tls
days=36500
key() { openssl ecparam -name prime256v1 -genkey -noout | openssl pkcs8 -topk8 -nocrypt -out "$1.key"; }
key authority
openssl req -x509 -key authority.key -out authority.crt -days $days -subj /CN=authority
# As `openssl req -x509` makes them: an authority of its own.
key self
openssl req -x509 -key self.key -out self.crt -days $days -subj /CN=self \
    -addext subjectAltName=IP:127.0.0.1,DNS:charts.example.com
issue() {
    key "$1"
    openssl req -new -key "$1.key" -subj "/CN=$1" -out request
    printf 'subjectAltName=%s\nextendedKeyUsage=%s\n' "$2" "$3" > extensions
    openssl x509 -req -in request -CA authority.crt -CAkey authority.key -set_serial "$4" \
        -days $days -out "$1.crt" -extfile extensions
    rm request extensions
}
issue server IP:127.0.0.1 serverAuth 2
issue elsewhere DNS:other.example.com serverAuth 3
issue client DNS:client clientAuth 4
rm authority.key
