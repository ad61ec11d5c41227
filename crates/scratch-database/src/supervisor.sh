# Keeps one throwaway PostgreSQL: $1 is its directory, $2 where its programs are. Obeys the orders `start` and `stop` on
# standard input. When that closes, because the tests ended in whatever way, it stops the server and deletes the
# directory. Everything the server says goes to standard output.
# A signal ends the loop below, and so cleans up.
trap : HUP INT TERM
exec 2>&1
directory=$1 programs=$2 server=
cd "$directory" || exit 1

# Asks again and again: a server that was forked a moment ago does not hear yet.
stop() {
    while [ -n "$server" ] && kill -INT "$server" 2>/dev/null; do
        sleep 0.05
    done
    server=
}

# No locale: the same messages and the same order on every machine.
"$programs/initdb" --pgdata=data --username=postgres --auth=trust --encoding=UTF8 --no-locale --no-sync >initdb.log ||
    cat initdb.log

while read -r order; do
    case $order in
    start)
        # Nothing here outlives the tests, so nothing is worth waiting for a disk.
        "$programs/postgres" -D data -k "$directory" -c listen_addresses= -c max_connections=300 -c fsync=off \
            -c synchronous_commit=off -c full_page_writes=off -c wal_level=minimal -c max_wal_senders=0 \
            -c autovacuum=off -c log_min_messages=log -c log_min_error_statement=panic &
        server=$!
        ;;
    stop)
        stop
        echo 'supervisor: the server has stopped'
        ;;
    esac
done

stop
cd / && rm -rf -- "$directory"
