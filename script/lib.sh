# Shared by the scripts: packages of Debian, messages, time.

root="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"

say() { printf '\033[1m%s\033[0m\n' "$*"; }
fail() { printf 'error: %s\n' "$*" >&2; exit 1; }

# What the product is built with and runs on; docs/dependencies.md says why each is here.
run_packages=(libpq-dev libsqlite3-dev libssl-dev libmagic-dev libqrencode-dev libzip-dev libcurl4-openssl-dev
    pkg-config weasyprint fonts-noto-cjk zlib1g-dev)
# What the tests add.
test_packages=(postgresql-15 chromium chromium-driver python3-venv curl)

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
