# shellcheck shell=sh
# Installs what package-lock.json names into node_modules. Read by ./dev, from the root of the checkout.

NODE_PACKAGE='node@24'
INSTALL_LOG='build/install.log'

say() { printf '%s\n' "$*" >&2; }
stop() { say "$*"; exit 1; }

# Runs a command with the project's tools first on PATH; `node` there is Node 24.
with_project_node() {
  PATH="$PWD/node_modules/.bin:$PATH" "$@"
}

# Node 22.13 is the first that runs our TypeScript without a flag.
is_node_recent() {
  "$1" -e 'const [a, b] = process.versions.node.split(".").map(Number); process.exit(a > 22 || (a === 22 && b >= 13) ? 0 : 1)' >/dev/null 2>&1
}

has_node() { [ -x node_modules/.bin/node ] || is_node_recent node; }

hash_of() { cksum "$@" | cksum | cut -d' ' -f1; }

log_names() { grep -Eqi "$1" "$INSTALL_LOG"; }

# Says in one sentence why npm failed, by the first cause that its words name, and stops.
stop_explaining() {
  if log_names 'ENOSPC|no space left'; then reason='no space is left on the disk: an installation takes 1 GB, and what is built 10 GB'
  elif log_names 'EACCES|EPERM|EROFS'; then reason='npm may not write to this folder or to its cache (npm config get cache)'
  elif log_names 'ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|EHOSTUNREACH|ENOTCACHED|ERR_SOCKET|E407|proxy'; then
    reason='the npm registry cannot be reached: check the network and the proxy (npm config get registry; npm config get proxy)'
  elif log_names 'CERT_|SELF_SIGNED|UNABLE_TO_(GET|VERIFY)'; then reason='the certificate of the npm registry is not trusted here (npm config get cafile)'
  elif log_names 'EINTEGRITY'; then reason='a package differs from what package-lock.json says: do not use it, and check the registry (npm config get registry)'
  elif log_names 'E40[134]'; then reason='the npm registry refuses a package (npm config get registry)'
  else reason="npm failed: $(grep -m1 . "$INSTALL_LOG" || echo 'it said nothing')"
  fi
  stop "The dependencies are not installed: $reason. What npm said is in $INSTALL_LOG; run this again once it is mended."
}

# Whatever NODE_ENV or a person's settings leave out is asked for. No package's script runs here: of all packages only
# `node` needs its own.
fetch_packages() {
  npm ci --include=dev --include=optional --include=peer --bin-links=true --ignore-scripts --no-fund --no-audit \
    --loglevel=error >>"$INSTALL_LOG" 2>&1
}

# An old Node silently skips optional native packages, so npm itself runs under Node 24.
fetch_under_recent_node() {
  if is_node_recent node; then fetch_packages; return; fi
  rm -rf build/node
  npm install --prefix build/node --no-save --no-package-lock --ignore-scripts=false --no-fund --no-audit --loglevel=error \
    "$NODE_PACKAGE" >>"$INSTALL_LOG" 2>&1 || return 1
  (PATH="$PWD/build/node/node_modules/.bin:$PATH" && fetch_packages) || return 1
  rm -rf build/node
}

# Node 24 comes by the script of the package `node`. Where it does not run (musl), a recent one of the machine does.
provide_node() {
  npm rebuild --ignore-scripts=false --loglevel=error node >>"$INSTALL_LOG" 2>&1 || :
  if is_node_recent node_modules/.bin/node; then return; fi
  if ! is_node_recent node; then
    if log_names 'npm error|npm ERR'; then stop_explaining; fi
    stop "Node.js 24 from npm does not run on this machine ($(uname -sm)): install Node.js 22.13 or later (https://nodejs.org), then run this again."
  fi
  rm -f node_modules/.bin/node
}

has_sqlite() { with_project_node node -e "new (require('better-sqlite3'))(':memory:')" 2>/dev/null; }

provide_sqlite() {
  if has_sqlite; then return; fi
  say 'building SQLite, of which there is no binary for this machine'
  with_project_node npm --prefix node_modules/better-sqlite3 run build-release >>"$INSTALL_LOG" 2>&1 || :
  if has_sqlite; then return; fi
  stop "better-sqlite3 has no binary for this machine ($(uname -sm)), and to build one takes a C++ compiler, make and Python 3, in a path without spaces: install them (Debian: apt install build-essential python3; macOS: xcode-select --install), then run this again. What npm said is in $INSTALL_LOG."
}

# What a path may not have: URLs of modules end at # and ? and decode %, the compiler's reader takes * as a wildcard, \
# parts folders elsewhere and : parts the folders of PATH.
check_folder() {
  case $PWD in
    *[\#%?*:\\]* | *[[:cntrl:]]*)
      stop "Quittance cannot be built in $PWD: its compilers do not read paths with # % ? * : \\ or control characters. Move the checkout to another folder." ;;
  esac
}

# Does nothing when it is done already. The stamp is the last thing written, so that whatever was interrupted starts over.
install() {
  check_folder
  stamp="$(hash_of package.json package-lock.json)"
  if [ "$(cat node_modules/.stamp 2>/dev/null)" = "$stamp" ] && has_node; then return; fi
  if ! command -v npm >/dev/null 2>&1; then
    stop 'npm was not found. Install Node.js 22.13 or later (https://nodejs.org), which brings it, then run this again.'
  fi
  npm_version="$(npm --version 2>/dev/null)" || npm_version=''
  if [ -z "$npm_version" ]; then
    stop 'npm does not run on this machine. Install Node.js 22.13 or later (https://nodejs.org), then run this again.'
  fi
  if [ "${npm_version%%.*}" -lt 7 ]; then
    stop "npm $npm_version is too old to read package-lock.json: install Node.js 22.13 or later (https://nodejs.org), then run this again."
  fi
  if ! problem="$({ mkdir -p build && : >"$INSTALL_LOG" && rm -f node_modules/.stamp; } 2>&1)"; then
    stop "The dependencies are not installed: nothing can be written in $PWD (${problem##*: })."
  fi
  say 'installing dependencies (about a minute)'
  fetch_under_recent_node || stop_explaining
  provide_node
  provide_sqlite
  printf '%s' "$stamp" >node_modules/.stamp
}
