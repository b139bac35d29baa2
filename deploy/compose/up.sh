#!/bin/sh
# Starts Sluice with Docker Compose: `./up.sh solo` or `./up.sh full`. Secrets and a certificate that are not there yet are made
# first; `./up.sh prepare` makes them and starts nothing. It can be run again at any time.
set -eu
cd "$(dirname "$0")"
umask 077

fail() {
  echo "$1" >&2
  exit "${2:-1}"
}

command -v openssl >/dev/null || fail 'openssl is needed to make secrets.'

# fill <name> <value>: where the line is empty in .env.
fill() {
  sed "s|^$1=\$|$1=$2|" .env >.env.new
  mv .env.new .env
}

prepare() {
  [ -f .env ] || cp .env.example .env
  for name in SLUICE_ADMIN_KEY POSTGRES_PASSWORD REDIS_PASSWORD RABBITMQ_PASSWORD GRAFANA_PASSWORD N8N_ENCRYPTION_KEY; do
    fill "$name" "$(openssl rand -hex 24)"
  done
  fill SLUICE_MASTER_KEY "$(openssl rand -base64 32)"

  # Read by users inside of containers, who are not the one who runs this: the folder is closed to others, the files are not.
  mkdir -p secrets
  # A key of its own does as well: `sluice keys create prometheus`, and put it here.
  [ -s secrets/metrics-key ] || sed -n 's/^SLUICE_ADMIN_KEY=//p' .env >secrets/metrics-key
  [ -f secrets/smtp-password ] || : >secrets/smtp-password
  [ -f secrets/slack-address ] || : >secrets/slack-address
  if [ ! -f secrets/tls.crt ]; then
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 397 -subj /CN=localhost \
      -addext 'subjectAltName=DNS:localhost,IP:127.0.0.1' -keyout secrets/tls.key -out secrets/tls.crt 2>/dev/null
    echo 'secrets/tls.crt is signed by itself: browsers will warn. Put your own there and start again.'
  fi
  chmod 700 secrets
  chmod 644 secrets/*
}

case "${1:-}" in
  prepare) prepare ;;
  solo | full)
    prepare
    docker compose -f "$1.yaml" up -d --wait
    if [ "$1" = solo ]; then
      docker compose -f solo.yaml logs sluice | sed -n '/Sluice is running/,/Docs/p'
    else
      sed -n 's/^PUBLIC_URL=/Sluice is running at /p' .env
      echo 'The admin key is SLUICE_ADMIN_KEY in .env. Grafana: http://127.0.0.1:3000 (admin, GRAFANA_PASSWORD), n8n: http://127.0.0.1:5678.'
    fi
    ;;
  *) fail "Usage: $0 solo|full|prepare" 2 ;;
esac
