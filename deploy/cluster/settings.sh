# Sourced by the scripts beside it: a cluster on this machine, to try it out.
folder=$(realpath -m "${SAVEPOINT_CLUSTER:-${TMPDIR:-/tmp}/savepoint-cluster}")
postgres_port="${SAVEPOINT_POSTGRES_PORT:-7359}"
gateway_port="${SAVEPOINT_GATEWAY_PORT:-7350}"   # node-1 to node-3 take the three ports behind it.
nodes=(node-1 node-2 node-3 gateway)

# PostgreSQL refuses to run as root.
as_server_user=()
[ "$(id -u)" -ne 0 ] || as_server_user=(setpriv --reuid=postgres --regid=postgres --init-groups)

port_of() { case "$1" in gateway) echo "$gateway_port" ;; *) echo $((gateway_port + ${1#node-})) ;; esac; }

role_of() { case "$1" in gateway) echo --gateway ;; *) echo --cluster ;; esac; }

# What its command line has, and that of no other process that got its number since.
mark_of() { case "$1" in postgres) echo "$folder/postgres/data" ;; *) echo "--data $folder/data --store postgres $(role_of "$1") --node $1 " ;; esac; }

# One that has ended and that nobody has asked for since is still listed.
is_alive() { grep -qs '^State:[[:space:]]*[^ZX]' "/proc/$1/status"; }

is_running() {
  local pid
  pid=$(cat "$folder/$1.pid" 2>/dev/null) && [ -n "$pid" ] && is_alive "$pid" && tr '\0' ' ' 2>/dev/null <"/proc/$pid/cmdline" | grep -F -e "$(mark_of "$1")" >/dev/null
}

postgres_program() {
  local found
  found=$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -n 1)
  [ -n "$found" ] && [ -x "$found/$1" ] && { echo "$found/$1"; return; }
  command -v "$1" || { echo "PostgreSQL is not installed." >&2; return 1; }
}

# A folder that was left half made is made again: nothing is in it yet.
make_postgres() {
  mkdir -p "$folder/postgres"
  chmod 755 "$folder"
  [ ! -f "$folder/postgres/data/PG_VERSION" ] || [ -f "$folder/postgres/password" ] || return 0
  rm -rf "$folder/postgres/data"
  (umask 077; od -An -N16 -tx1 /dev/urandom | tr -d ' \n' >"$folder/password")
  install -m 600 "$folder/password" "$folder/postgres/password"
  [ "$(id -u)" -ne 0 ] || chown -R postgres: "$folder/postgres"
  (cd / && "${as_server_user[@]}" "$(postgres_program initdb)" -D "$folder/postgres/data" -U savepoint \
    --pwfile "$folder/postgres/password" -A scram-sha-256 -E UTF8 --locale=C >"$folder/postgres.log" 2>&1) \
    || { echo "The database could not be made: see $folder/postgres.log" >&2; return 1; }
  rm "$folder/postgres/password"
}

start_postgres() {
  is_running postgres && return
  (cd / && exec setsid nohup "${as_server_user[@]}" "$(postgres_program postgres)" -D "$folder/postgres/data" \
    -c port="$postgres_port" -c listen_addresses=127.0.0.1 -c unix_socket_directories=) >>"$folder/postgres.log" 2>&1 </dev/null &
  echo $! >"$folder/postgres.pid"
  for _ in $(seq 300); do psql_run postgres 'select 1' >/dev/null 2>&1 && return; sleep 0.1; done
  echo "PostgreSQL did not start: see $folder/postgres.log" >&2
  return 1
}

make_database() { [ "$(psql_run postgres "select count(*) from pg_database where datname = 'savepoint'")" = 1 ] || psql_run postgres 'create database savepoint'; }

psql_run() { PGPASSWORD=$(cat "$folder/password") "$(postgres_program psql)" -h 127.0.0.1 -p "$postgres_port" -U savepoint -d "$1" -X -q -A -t -v ON_ERROR_STOP=1 -c "$2"; }

start_node() {
  is_running "$1" && return
  local pid
  Savepoint__Postgres__ConnectionString="Host=127.0.0.1;Port=$postgres_port;Database=savepoint;Username=savepoint;Password=$(cat "$folder/password")" \
    setsid nohup dotnet "$server" --dev --data "$folder/data" --store postgres "$(role_of "$1")" --node "$1" --listen "http://127.0.0.1:$(port_of "$1")" \
    >>"$folder/$1.log" 2>&1 </dev/null &
  pid=$!
  echo "$pid" >"$folder/$1.pid"
  for _ in $(seq 600); do
    curl -fs -o /dev/null "http://127.0.0.1:$(port_of "$1")/health/ready" && return
    is_alive "$pid" || break
    sleep 0.1
  done
  echo "$1 did not start: see $folder/$1.log" >&2
  tail -n 3 "$folder/$1.log" >&2
  return 1
}
