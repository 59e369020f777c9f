# Sourced by the scripts beside it: a cluster on this machine, to try it out.
folder="${SAVEPOINT_CLUSTER:-${TMPDIR:-/tmp}/savepoint-cluster}"
postgres_port="${SAVEPOINT_POSTGRES_PORT:-7359}"
gateway_port="${SAVEPOINT_GATEWAY_PORT:-7350}"   # node-1 to node-3 take the three ports behind it.
nodes=(node-1 node-2 node-3 gateway)

port_of() { case "$1" in gateway) echo "$gateway_port" ;; *) echo $((gateway_port + ${1#node-})) ;; esac; }

# One that has ended and that nobody has asked for since is still listed.
is_running() { [ -f "$folder/$1.pid" ] && grep -qs '^State:[[:space:]]*[^ZX]' "/proc/$(cat "$folder/$1.pid")/status"; }

# PostgreSQL refuses to run as root.
as_server_user() {
  if [ "$(id -u)" -eq 0 ]; then setpriv --reuid=postgres --regid=postgres --init-groups "$@"; else "$@"; fi
}

postgres_program() {
  local found
  found=$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -n 1)
  [ -n "$found" ] && [ -x "$found/$1" ] && { echo "$found/$1"; return; }
  command -v "$1" || { echo "PostgreSQL is not installed." >&2; return 1; }
}

start_postgres() {
  is_running postgres && return
  (cd /; exec setsid nohup "${BASH:-bash}" -c 'source "$0"; echo $$ >"$folder/postgres.pid"; if [ "$(id -u)" -eq 0 ]; then exec setpriv --reuid=postgres --regid=postgres --init-groups "$@"; else exec "$@"; fi' \
    "$here/settings.sh" "$(postgres_program postgres)" -D "$folder/postgres/data" -c port="$postgres_port" -c listen_addresses=127.0.0.1 -c unix_socket_directories= \
    >>"$folder/postgres.log" 2>&1 </dev/null &)
  for _ in $(seq 300); do psql_run postgres 'select 1' >/dev/null 2>&1 && return; sleep 0.1; done
  echo "PostgreSQL did not start: see $folder/postgres.log" >&2
  return 1
}

psql_run() { PGPASSWORD=$(cat "$folder/password") "$(postgres_program psql)" -h 127.0.0.1 -p "$postgres_port" -U savepoint -d "$1" -X -q -A -t -v ON_ERROR_STOP=1 -c "$2"; }

start_node() {
  is_running "$1" && return
  local role=--cluster
  [ "$1" = gateway ] && role=--gateway
  Savepoint__Postgres__ConnectionString="Host=127.0.0.1;Port=$postgres_port;Database=savepoint;Username=savepoint;Password=$(cat "$folder/password")" \
    setsid nohup dotnet "$server" --dev --data "$folder/data" --store postgres "$role" --node "$1" --listen "http://127.0.0.1:$(port_of "$1")" \
    >>"$folder/$1.log" 2>&1 </dev/null &
  echo $! >"$folder/$1.pid"
  for _ in $(seq 600); do
    curl -fs -o /dev/null "http://127.0.0.1:$(port_of "$1")/health/ready" && return
    is_running "$1" || break
    sleep 0.1
  done
  echo "$1 did not start: see $folder/$1.log" >&2
  tail -n 3 "$folder/$1.log" >&2
  return 1
}
