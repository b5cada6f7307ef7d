#!/usr/bin/env bash
# The composition as a user starts it: docker-compose.yml from nothing to a whole hand-over, through restarts and kills of
# either part, with three replicas, and the image alone on SQLite and as the page of the fixture has it. Needs a Docker engine,
# curl, python3 with venv, and Go; without an engine it says `compose: NOT RUN`. Leaves nothing behind but the built image.
set -euo pipefail
cd "$(dirname "$0")/.."
source scripts/packages

if ! docker info >/dev/null 2>&1; then
  echo 'compose: NOT RUN (no Docker engine answers)'
  exit 0
fi
if docker compose version >/dev/null 2>&1; then COMPOSE=(docker compose); else COMPOSE=(docker-compose); fi
if ! "${COMPOSE[@]}" version >/dev/null 2>&1; then
  echo 'compose: NOT RUN (neither docker compose nor docker-compose is installed)'
  exit 0
fi

NAME=handover-test-$$ # apart from a composition that serves on this machine
PORTS=10 # of the range for replicas
export POSTGRES_PASSWORD='p@ss/word: 100%' # what a URL would have to escape
ADMIN='correct horse: battery' # the admin's password
PASSWORD='a password of theirs' # of every user below
declare -A TOKENS=() # of each project's user
FOLDER=$(mktemp -d)
COMPOSE+=(--project-name "$NAME" --file docker-compose.yml)
BUILDING=1500 # seconds: a cold build takes 4 minutes on two free cores, 13 on two busy ones

main() {
  trap clean_up EXIT
  PORT=$(free_ports)
  with_the_password_in_a_file
  publishes_what_it_is_told
  starts_from_nothing
  image_holds_no_secret_and_runs_as_nobody_special
  whole_hand_over
  nothing_is_lost
  replicas_work_together
  alone_on_sqlite
  alone_without_a_volume
  as_a_fixture_in_go
  as_a_fixture_in_python
  echo 'compose: passed'
}

# By the override that the page shows.
with_the_password_in_a_file() {
  printf '%s\n' "$ADMIN" >"$FOLDER/admin.secret"
  sed --quiet '/^# docker-compose.override.yml/,/^```/{/^```/!p}' docs/deploy.md |
    sed "s|\./admin.secret|$FOLDER/admin.secret|" >"$FOLDER/override.yml"
  grep --quiet admin.secret "$FOLDER/override.yml" || fail 'docs/deploy.md shows no override'
  chmod -R go+rX "$FOLDER" # as whoever the service runs
  unset HANDOVER_ADMIN_PASSWORD
  COMPOSE+=(--file "$FOLDER/override.yml")
}

publishes_what_it_is_told() {
  unset HANDOVER_PORTS
  equal 8776 "$("${COMPOSE[@]}" config | grep --only-matching --extended-regexp '\b87[0-9]{2}\b' | sort --unique)" \
    'the ports of the composition'
  export HANDOVER_PORTS=$PORT
}

# One port, and none of the database.
keeps_its_port() {
  equal "8776/tcp -> 127.0.0.1:$PORT" "$(docker port "$(container handover)")" 'what is published'
  equal '' "$(docker port "$(container database)")" 'what is published of the database'
}

starts_from_nothing() {
  timeout "$BUILDING" "${COMPOSE[@]}" up --build --detach
  for service in handover database; do
    eventually "$service is not healthy" is_healthy "$(container "$service")"
  done
  keeps_its_port
  ok 'one command builds and starts both, and both become healthy on the one port'
  import '{"projects": [{"name": "donor"}, {"name": "recipient"}, {"name": "third"}],
    "users": ['"$(user donor), $(user recipient), $(user third)"'],
    "volumes": [
    {"id": "11111111-1111-4111-8111-111111111111", "project_id": "donor"},
    {"id": "22222222-2222-4222-8222-222222222222", "project_id": "donor"},
    {"id": "33333333-3333-4333-8333-333333333333", "project_id": "donor"}]}'
  ok 'a document is imported through standard input'
  for project in donor recipient third; do TOKENS[$project]=$(sign_in "user-of-$project" "$PASSWORD" "$project"); done
  TOKENS[admin]=$(sign_in admin "$ADMIN" admin) # from the file
  TOKENS[stranger]=no-token
  request GET "$(address handover)" stranger '' && expect 401
  ok 'the users of the document and the admin sign in, and nobody else is let in'
}

user() { printf '{"name": "user-of-%s", "password": "%s", "roles": {"%s": ["member"]}}' "$1" "$PASSWORD" "$1"; }

# sign_in USER PASSWORD PROJECT [ADDRESS]: prints a token.
sign_in() {
  local domain='"domain": {"id": "default"}' token
  token=$(curl --silent --show-error --noproxy '*' --max-time 15 --output /dev/null --dump-header - \
    --header 'Content-Type: application/json' "http://${4:-$(address handover)}/identity/v3/auth/tokens" --data '{"auth": {
      "identity": {"methods": ["password"], "password": {"user": {"name": "'"$1"'", "password": "'"$2"'", '"$domain"'}}},
      "scope": {"project": {"name": "'"$3"'", '"$domain"'}}}}' | sed --quiet 's/^x-subject-token: \([0-9a-f]*\).*/\1/ip')
  [[ -n $token ]] || fail "$1 cannot sign in"
  printf '%s' "$token"
}

image_holds_no_secret_and_runs_as_nobody_special() {
  equal 10001 "$(inside handover id -u)" "the service's uid"
  equal postgres "$(inside database stat --format=%U /proc/1)" "the database's user"
  local image
  image=$(docker inspect --format '{{.Image}}' "$(container handover)")
  if docker history --no-trunc "$image" | grep -i password; then fail 'a layer names a password'; fi
  if docker image inspect --format '{{json .Config.Env}}' "$image" | grep -iE 'password|database_url'; then
    fail "the image's environment names a database"
  fi
  local binary
  binary=$(inside handover stat --format=%s /usr/local/bin/handover)
  ((binary < 20000000)) || fail "the binary has $binary bytes; 20 MB are allowed"
  inside handover sh -c 'echo something >/data/probe && rm /data/probe' || fail '/data is not writable'
  ok "both run without root; image $(megabytes "$(docker image inspect --format '{{.Size}}' "$image")"), of it the binary $(megabytes "$binary")"
}

whole_hand_over() {
  local at
  at=$(address handover)
  offer "$at" 11111111-1111-4111-8111-111111111111
  request GET "$at" donor "/$TRANSFER" && expect 200
  request GET "$at" recipient "/$TRANSFER" && expect 404
  request POST "$at" recipient "/$TRANSFER/accept" '{"accept": {"auth_key": "0000000000000000"}}' && expect 400
  request POST "$at" recipient "/$TRANSFER/accept" "{\"accept\": {\"auth_key\": \"$AUTH_KEY\"}}" && expect 202
  request GET "$at" donor "/$TRANSFER" && expect 404
  offer "$at" 11111111-1111-4111-8111-111111111111 recipient # it is theirs now
  request DELETE "$at" recipient "/$TRANSFER" && expect 202
  ok 'a volume is offered, shown and accepted, and is then the recipient'"'"'s'
}

nothing_is_lost() {
  local before
  offer "$(address handover)" 22222222-2222-4222-8222-222222222222
  before=$(offers)
  for service in handover database; do
    for how in restart 'kill -s SIGKILL'; do
      # shellcheck disable=SC2086 # $how is a command and its flags
      quietly "${COMPOSE[@]}" $how "$service"
      quietly "${COMPOSE[@]}" up --detach
      ready
      equal "$before" "$(offers)" "the offers after $how of $service"
      keeps_its_port
      ok "$how of $service loses nothing"
    done
  done

  inside handover sh -c 'kill -TERM 1'
  eventually 'the service does not come back' was_restarted "$(container handover)"
  ready
  equal "$before" "$(offers)" 'the offers after the service ended by itself'
  ok 'a service that ends by itself is started again'

  quietly "${COMPOSE[@]}" down
  quietly "${COMPOSE[@]}" up --detach
  ready
  equal "$before" "$(offers)" 'the offers after down and up'
  keeps_its_port
  request POST "$(address handover)" recipient "/$TRANSFER/accept" "{\"accept\": {\"auth_key\": \"$AUTH_KEY\"}}" && expect 202
  ok 'down and up lose nothing, and the key from before still opens'
}

replicas_work_together() {
  export HANDOVER_PORTS="$PORT-$((PORT + PORTS - 1))"
  quietly "${COMPOSE[@]}" up --detach --scale handover=3
  local at=() replica
  for replica in $(containers handover); do
    at+=("$(address_of "$replica")")
    eventually 'a replica is not healthy' is_healthy "$replica"
  done
  equal 3 "$(printf '%s\n' "${at[@]}" | sort --unique | wc --lines)" 'the number of replicas, each with a port of its own'

  offer "${at[0]}" 33333333-3333-4333-8333-333333333333
  request GET "${at[1]}" donor "/$TRANSFER" && expect 200
  request POST "${at[2]}" recipient "/$TRANSFER/accept" "{\"accept\": {\"auth_key\": \"$AUTH_KEY\"}}" && expect 202
  request GET "${at[0]}" donor "/$TRANSFER" && expect 404
  ok 'one replica creates, another shows, the third accepts'

  offer "${at[0]}" 33333333-3333-4333-8333-333333333333 recipient
  local statuses
  statuses=$(for replica in "${at[@]}"; do
    (request POST "$replica" third "/$TRANSFER/accept" "{\"accept\": {\"auth_key\": \"$AUTH_KEY\"}}"; echo "$STATUS") &
  done; wait)
  equal 1 "$(grep --count '^202$' <<<"$statuses")" 'how many of three replicas accept one offer at once'
  equal 2 "$(grep --count --extended-regexp '^4..$' <<<"$statuses")" 'how many are refused'
  ok 'of three replicas that accept one offer at once, one does'

  inside handover handover check >/dev/null
  ok 'the invariants hold'
}

alone_on_sqlite() {
  local before
  start_alone
  TOKENS=() # everybody is believed there
  docker exec --interactive "$NAME-alone" handover import - >/dev/null \
    <<<'{"volumes": [{"id": "11111111-1111-4111-8111-111111111111", "project_id": "donor"}]}'
  offer "$(address_of "$NAME-alone")" 11111111-1111-4111-8111-111111111111
  before=$(offers "$(address_of "$NAME-alone")")
  docker rm --force "$NAME-alone" >/dev/null
  start_alone
  equal "$before" "$(offers "$(address_of "$NAME-alone")")" 'the offers in a new container on the old volume'
  docker exec "$NAME-alone" handover check >/dev/null
  docker rm --force "$NAME-alone" >/dev/null
  ok 'alone on SQLite, a new container on the same volume loses nothing'
}

alone_without_a_volume() {
  HANDOVER_ADMIN_PASSWORD=$ADMIN run_alone --env HANDOVER_AUTH=builtin --env HANDOVER_ADMIN_PASSWORD
  TOKENS[admin]=$(sign_in admin "$ADMIN" admin "$(address_of "$NAME-alone")")
  docker exec "$NAME-alone" test -s /data/handover-data/handover.db || fail 'the database is not in /data'
  ok 'alone and told nothing but who may sign in, it keeps its data in /data'
}

start_alone() { run_alone --volume "$NAME-alone:/data" --env HANDOVER_DANGER_NO_AUTH_BEYOND_LOOPBACK=true; }

as_a_fixture_in_go() {
  if ! command -v go >/dev/null; then
    echo 'compose: NOT RUN of the fixture in Go (go is not installed)'
    return
  fi
  fixture_folder
  block go 1 >"$FOLDER/fixture/volumes_test.go"
  (cd "$FOLDER/fixture" && GOFLAGS='' GO111MODULE=off GOCACHE=$FOLDER/go quietly go test volumes_test.go)
  ok 'the fixture in Go accepts an offer of the seed'
}

as_a_fixture_in_python() {
  fixture_folder
  python_environment compose tests/compose.requirements.txt
  local python
  python=$(realpath "${CARGO_TARGET_DIR:-target}")/compose/environment/bin/python
  block python 3 >"$FOLDER/fixture/conftest.py"
  block python 2 >"$FOLDER/fixture/test_client.py"
  # Else it has an image of its own fetched, which ends what a test leaves behind.
  (cd "$FOLDER/fixture" && TESTCONTAINERS_RYUK_DISABLED=true quietly "$python" -m pytest -p no:cacheprovider --rootdir .)
  ok 'the fixture of testcontainers in Python accepts an offer of the seed'
}

# Where the paths of the page lead somewhere.
fixture_folder() {
  mkdir -p "$FOLDER/fixture/docs"
  cp docs/seed.yaml "$FOLDER/fixture/docs"
}

# block LANGUAGE N: of the blocks of that language in the page of the fixture, the Nth.
block() {
  awk -v fence="\`\`\`$1" -v wanted="$2" '
    $0 == fence { found++; inside = found == wanted; next }
    /^```/ { inside = 0 }
    inside
  ' docs/fixture.md
}

# run_alone FLAG...
run_alone() {
  docker run --detach --name "$NAME-alone" --publish 127.0.0.1::8776 "$@" handover >/dev/null
  docker exec "$NAME-alone" handover healthcheck --wait 60
}

# ---- the API --------------------------------------------------------------------------------------------------------

# request METHOD ADDRESS PROJECT PATH [BODY]: sets STATUS and BODY. The fixed Host keeps links the same on every port.
request() {
  local answer
  answer=$(curl --silent --show-error --noproxy '*' --max-time 15 --request "$1" ${5:+--data "$5"} \
    --header 'Host: handover.test' --header "X-Auth-Token: ${TOKENS[$3]:-user:$3}" --header 'Content-Type: application/json' \
    --write-out '\n%{http_code}' "http://$2/v2/$3/os-volume-transfer$4")
  STATUS=${answer##*$'\n'}
  BODY=${answer%$'\n'*}
}

expect() { [[ $STATUS == "$1" ]] || fail "the answer is $STATUS, not $1: $BODY"; }

# offer ADDRESS VOLUME [PROJECT]: sets TRANSFER and AUTH_KEY.
offer() {
  request POST "$1" "${3:-donor}" '' "{\"transfer\": {\"volume_id\": \"$2\", \"name\": \"a name\"}}" && expect 202
  TRANSFER=$(field id)
  AUTH_KEY=$(field auth_key)
}

# offers [ADDRESS]: all that the donor has on offer.
offers() {
  request GET "${1:-$(address handover)}" donor /detail && expect 200
  [[ $BODY == *'"created_at"'* ]] || fail "nothing is on offer: $BODY"
  printf '%s\n' "$BODY"
}

field() { sed --quiet "s/.*\"$1\": *\"\([^\"]*\)\".*/\1/p" <<<"$BODY"; }

# ---- the composition ------------------------------------------------------------------------------------------------

inside() { "${COMPOSE[@]}" exec -T "$@" </dev/null; }
import() { "${COMPOSE[@]}" exec -T handover handover import - <<<"$1"; }
ready() { inside handover handover healthcheck --wait 60; }
containers() { "${COMPOSE[@]}" ps --quiet "$1"; }
container() { containers "$1" | head -n 1; }
address() { address_of "$(container "$1")"; }
address_of() { docker port "$1" 8776/tcp | head -n 1; }
is_healthy() { [[ $(docker inspect --format '{{.State.Health.Status}}' "$1") == healthy ]]; }
was_restarted() { [[ $(docker inspect --format '{{.RestartCount}} {{.State.Running}}' "$1") == '1 true' ]]; }
megabytes() { printf '%d.%d MB' $(($1 / 1000000)) $(($1 / 100000 % 10)); }

# The first of so many ports in a row on which nobody listens, below those that the system gives to whoever asks for any.
free_ports() {
  local ephemeral=32768 first port
  if [[ -r /proc/sys/net/ipv4/ip_local_port_range ]]; then read -r ephemeral _ </proc/sys/net/ipv4/ip_local_port_range; fi
  ((ephemeral >= 12000)) || ephemeral=32768
  for _ in {1..100}; do
    first=$((10000 + RANDOM % (ephemeral - 10000 - PORTS)))
    for ((port = first; port < first + PORTS; port++)); do
      if (: <"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then continue 2; fi
    done
    echo "$first"
    return
  done
  fail "no $PORTS free ports in a row"
}

# ---- telling --------------------------------------------------------------------------------------------------------

ok() { printf 'ok - %s\n' "$1"; }

fail() {
  printf 'not ok - %s\n' "$1" >&2
  exit 1
}

# equal EXPECTED FOUND WHAT
equal() { [[ $1 == "$2" ]] || fail "$3: expected $1, found $2"; }

# eventually COMPLAINT COMMAND...: within two minutes
eventually() {
  local complaint=$1 until=$((SECONDS + 120))
  shift
  until "$@"; do
    ((SECONDS < until)) || fail "$complaint after two minutes"
    sleep 0.5
  done
}

# Shows what a command prints only when it fails.
quietly() {
  local said
  said=$("$@" 2>&1) || fail "$*: $said"
}

clean_up() {
  local status=$?
  if ((status)); then
    "${COMPOSE[@]}" logs --tail=40 || true
    docker logs --tail 40 "$NAME-alone" 2>&1 || true
    echo 'compose: FAILED'
  fi
  "${COMPOSE[@]}" down --volumes --remove-orphans --timeout 5 >/dev/null 2>&1 || true
  docker rm --force --volumes "$NAME-alone" >/dev/null 2>&1 || true
  docker volume rm --force "$NAME-alone" >/dev/null 2>&1 || true
  rm -rf "$FOLDER"
  exit "$status"
}

main
