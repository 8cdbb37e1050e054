# Shared by the scripts: packages of Debian, messages, time.

root="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"

say() { printf '\033[1m%s\033[0m\n' "$*"; }
fail() { printf 'error: %s\n' "$*" >&2; exit 1; }

# What the product is built with and runs on; docs/dependencies.md says why each is here.
run_packages=(libpq-dev libsqlite3-dev libssl-dev libmagic-dev libqrencode-dev libzip-dev libxlsxwriter-dev libcurl4-openssl-dev
    libfido2-dev liblemon-dev libyaml-dev pkg-config weasyprint fonts-noto-cjk zlib1g-dev ca-certificates)
# What the tests add.
test_packages=(postgresql-15 chromium chromium-headless-shell chromium-driver python3-venv curl hledger)

# Whole modules, unoptimised but for the rooms that nearly all work is done in: the least work from nothing to a house
# that can be used or tested. In a folder of its own, beside what `swift build` makes.
whole=(-c release --scratch-path "$root/.build/whole")
# A module is read once: a pass of its own for each interface costs a tenth of the work. Numbers of lines for a debugger
# cost a sixth (failures of tests and traps tell theirs without), the compiler's check of itself a tenth.
whole_build() {
    swift build "$@" "${whole[@]}" -Xswiftc -Onone -Xswiftc -enable-testing -Xswiftc -gnone \
        -Xswiftc -no-emit-module-separately-wmo -Xswiftc -Xfrontend -Xswiftc -disable-llvm-verify
}
# The same of another version, whose sources lie in a folder of their own, and within that folder.
whole_build_in() {
    local whole=(-c release --scratch-path "$1/.build/whole")
    (cd "$1" && whole_build "${@:2}")
}
# The program that a script tries: what was built so, where KECHUANG_BINARY names no other.
need_binary() {
    export KECHUANG_BINARY="${KECHUANG_BINARY:-$root/.build/whole/release/kechuang}"
    [ -x "$KECHUANG_BINARY" ] || fail "build first: ${1:-script/server or script/test}"
}

# The optimised build that script/server makes beside the house: its process group while it runs.
background_build="$root/.build/optimising"
is_building_in_background() {
    # The number may have become another program's since.
    grep -qs "${background_build##*/}" "/proc/$(cat "$background_build" 2>/dev/null)/cmdline"
}
stop_background_build() {
    is_building_in_background && kill -- "-$(cat "$background_build")" 2>/dev/null
    rm -f "$background_build"
}

need_packages() {
    command -v swift >/dev/null || fail "Swift 6.3 is missing; see https://www.swift.org/install/linux/"
    local missing=() package
    for package in "$@"; do
        dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'install ok installed' || missing+=("$package")
    done
    [ ${#missing[@]} -eq 0 ] && return
    say "Installing ${#missing[@]} Debian packages: ${missing[*]}"
    local install="apt-get install -y --no-install-recommends ${missing[*]}"
    if [ "$(id -u)" = 0 ]; then
        export DEBIAN_FRONTEND=noninteractive
        apt-get update -qq && $install -qq >/dev/null || fail "apt-get failed; try: $install"
    elif command -v sudo >/dev/null && sudo -n true 2>/dev/null; then
        sudo apt-get update -qq && sudo env DEBIAN_FRONTEND=noninteractive $install -qq >/dev/null ||
            fail "apt-get failed; try: sudo $install"
    else
        fail "these packages need root rights; ask somebody to run: $install"
    fi
}

# A folder for what tests write: in memory where there is plenty, since a copied database is a thousand files, and to
# make those on a disk takes ten times as long.
scratch_folder() {
    local place=/tmp
    [ "$(df --output=avail -k /dev/shm 2>/dev/null | tail -1)" -gt 12000000 ] 2>/dev/null && place=/dev/shm
    mktemp -d "$place/kechuang-test.XXXXXX"
}

# PostgreSQL of our own, in a folder of its own, on a free port; its log goes to the folder given, options follow.
postgres_bin=/usr/lib/postgresql/15/bin
postgres_folder=
as_postgres() { if [ "$(id -u)" = 0 ]; then runuser -u postgres -- "$@"; else "$@"; fi; }
start_postgres() {
    local log="$1/postgres.log" port
    shift
    postgres_folder="$(mktemp -d "${TMPDIR:-/tmp}/kechuang-pg.XXXXXX")"
    [ "$(id -u)" = 0 ] && chown postgres "$postgres_folder"
    port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
    as_postgres "$postgres_bin/initdb" -D "$postgres_folder/data" -A trust -U kechuang --encoding=UTF8 --locale=C.UTF-8 \
        >"$log" 2>&1 || return 1
    as_postgres "$postgres_bin/pg_ctl" -D "$postgres_folder/data" -w -l "$postgres_folder/log" \
        -o "-p $port -k $postgres_folder -c listen_addresses=127.0.0.1 -c max_connections=1000 $*" start >>"$log" 2>&1 || return 1
    as_postgres "$postgres_bin/createdb" -h 127.0.0.1 -p "$port" -U kechuang kechuang || return 1
    export KECHUANG_TEST_PG="postgres://kechuang@127.0.0.1:$port/kechuang"
}
stop_postgres() {
    [ -n "$postgres_folder" ] || return 0
    as_postgres "$postgres_bin/pg_ctl" -D "$postgres_folder/data" -m immediate stop >/dev/null 2>&1
    rm -rf "$postgres_folder"
}

# A folder of Python packages of PyPI for benches: name, then packages with versions; sets $python.
bench_python() {
    local folder="$root/.build/$1" wanted="${*:2}"
    if [ "$(cat "$folder/wanted" 2>/dev/null)" != "$wanted" ]; then
        # shellcheck disable=SC2086
        python3 -m venv "$folder" && "$folder/bin/pip" install -q $wanted
        printf '%s' "$wanted" >"$folder/wanted"
    fi
    python="$folder/bin/python3"
}
