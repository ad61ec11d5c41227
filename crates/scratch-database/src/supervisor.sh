# Keeps one throwaway PostgreSQL: $1 is its directory, $2 where its programs are, $3 the server that it is a copy of, if it
# is one, and the rest are options of the server. Obeys the orders `start`, `stop`, `kill` and `promote` on standard input.
# When that closes, because the tests ended in whatever way, it stops the server and deletes the directory. Everything the
# server says goes to standard output.
# A signal ends the loop below, and so cleans up.
trap : HUP INT TERM
exec 2>&1
directory=$1 programs=$2 origin=$3 server= log=
shift 3
cd "$directory" || exit 1

# Asks again and again: a server that was forked a moment ago does not hear yet.
stop() {
    while [ -n "$server" ] && kill -INT "$server" 2>/dev/null; do
        sleep 0.05
    done
    server=
}

# The server and everything that it has started, at once and without a word.
slay() {
    # Held still first, so that it starts no more of them.
    kill -STOP "$server"
    children=$(cat "/proc/$server/task/$server/children")
    # shellcheck disable=SC2086 # they are words
    kill -KILL $children "$server"
    wait "$server"
    for process in $children; do
        # What has ended has no command line, even before anybody has taken note.
        while grep -q . "/proc/$process/cmdline" 2>/dev/null; do
            sleep 0.01
        done
    done
    server=
}

if [ -n "$origin" ]; then
    "$programs/pg_basebackup" --dbname="$origin" --pgdata=data --checkpoint=fast --write-recovery-conf --no-sync \
        >make.log || cat make.log
else
    # A folder for the data that is there already is a disk of its own, which the log of the server does not share.
    [ -d data ] && log=--waldir=$directory/wal
    # No locale: the same messages and the same order on every machine.
    "$programs/initdb" --pgdata=data ${log:+"$log"} --username=postgres --auth=trust --encoding=UTF8 --no-locale \
        --no-sync >make.log || cat make.log
fi

while read -r order; do
    case $order in
    start)
        "$programs/postgres" -D data -k "$directory" "$@" &
        server=$!
        ;;
    stop)
        stop
        echo 'supervisor: the server has stopped'
        ;;
    kill)
        slay
        echo 'supervisor: the server was killed'
        ;;
    promote)
        "$programs/pg_ctl" promote --pgdata=data --wait && echo 'supervisor: the server is the primary'
        ;;
    esac
done

stop
cd / && rm -rf -- "$directory"
