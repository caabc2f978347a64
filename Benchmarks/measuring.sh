# What the benches share that measure one program beside another; sourced by one that has set $name.
# shellcheck shell=bash disable=SC2154

fail() {
    echo "$name: $1" >&2
    exit "${2:-1}"
}
note() { printf '  %s\n' "$*" >&2; }
say() { printf '\n%s\n' "$*" >&2; }

server_pid=''

clean_up() {
    local status=$?
    trap - EXIT
    end_server
    rm -rf "$folder"
    exit "$status"
}
end_server() {
    [ -n "$server_pid" ] || return 0
    kill -KILL "$server_pid" 2>/dev/null || true
    wait "$server_pid" 2>/dev/null || true
    server_pid=''
}

# make_folder GIGABYTES: sets $folder, which is gone at the end.
make_folder() {
    mkdir -p .build
    [ "$(df --output=avail -k .build | tail -n 1)" -ge $(($1 << 20)) ] || fail "needs $1 GB free here"
    folder=$(mktemp -d "$PWD/.build/$name.XXXXXX")
    trap clean_up EXIT
    trap 'exit 130' INT
    trap 'exit 143' TERM
}

# await_server: until sql gets an answer.
await_server() {
    local tries=600
    until sql --execute="SELECT 1" >/dev/null 2>&1; do
        kill -0 "$server_pid" 2>/dev/null || fail "the server has ended: $(tail -n 3 "$folder/server.log")"
        tries=$((tries - 1))
        [ "$tries" -gt 0 ] || fail "waited in vain for the server"
        sleep 0.1
    done
}

# repeat FILE HEAD BYTES RESULT: the events of FILE from byte HEAD on, again and again, until RESULT has BYTES.
repeat() {
    cp "$1" "$4"
    while [ "$(stat --format=%s "$4")" -lt "$3" ]; do
        tail -c +$(($2 + 1)) "$1" >>"$4"
    done
}

# first_transaction PROGRAM FILE: where the first transaction begins; the events before it are the file's own.
first_transaction() {
    local offset
    offset=$("$1" "$2" | awk '!/^#/ && $4 ~ /^(Gtid|Anonymous_Gtid|GTID)/ { print $1; exit }')
    [[ "$offset" =~ ^[0-9]+$ ]] || fail "the first transaction was not found"
    echo "$offset"
}

# Numbers

median() { printf '%s\n' "$@" | sort -n | awk '{ value[NR] = $1 } END { printf "%.4f", (value[int((NR + 1) / 2)] + value[int(NR / 2) + 1]) / 2 }'; }
calculate() { awk "BEGIN { printf \"%.2f\", $1 }"; }
holds() { awk "BEGIN { exit !($1) }"; }
list() {
    local IFS=,
    echo "[$*]"
}

# measure OUTPUT PROGRAM…: sets seconds, processor_seconds and memory.
measure() {
    local figures
    figures=$("$folder/measured" "$@") || fail "has failed: $*"
    # shellcheck disable=SC2034 # for who sources this
    read -r seconds processor_seconds memory <<<"$figures"
}

# prepare_programs PRODUCT: builds it, unless KINGBUS_BUILD names a folder that holds it; sets $programs.
prepare_programs() {
    if [ -n "${KINGBUS_BUILD:-}" ]; then
        programs=$(cd "$KINGBUS_BUILD" && pwd)
    else
        swift build -c release --product "$1" >&2
        programs=$(swift build -c release --show-bin-path)
    fi
    [ -x "$programs/$1" ] || fail "there is no $1 in $programs"
    compiler=${CC:-$(command -v cc || command -v clang)} || fail "no C compiler in PATH" 69
    "$compiler" -std=c11 -D_DEFAULT_SOURCE -O2 -Wall -Wextra -Werror -o "$folder/measured" Benchmarks/measured.c
}

# Sets what a result names.
name_surroundings() {
    # shellcheck disable=SC2034 # for who sources this
    processor=$(awk -F ': ' '/^model name/ { print $2; exit }' /proc/cpuinfo)
    commit=$(git rev-parse --short=10 HEAD)
    [ -z "$(git status --porcelain -- Sources Package.swift)" ] || commit+=-changed
}
