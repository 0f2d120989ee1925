#!/bin/sh
# Builds the native addon into build/native/quittance.node when its sources changed. Called by ./dev; needs cargo.
set -eu
root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
output="$root/build/native"
cd "$root/native"

if ! command -v cargo >/dev/null 2>&1; then
  echo "native: cargo is not installed; get it from https://rustup.rs and run this again" >&2
  exit 1
fi

# POSIX cksum of names, sizes and contents, with the compiler's version.
hash=$({
  cargo --version
  find Cargo.toml Cargo.lock core binding -type f \( -name '*.rs' -o -name 'Cargo.*' \) | LC_ALL=C sort | while read -r file; do
    cksum "$file"
  done
} | cksum | tr ' ' '-')

if [ -f "$output/quittance.node" ] && [ "$(cat "$output/hash" 2>/dev/null)" = "$hash" ]; then
  [ -n "${QUIET_IF_CURRENT:-}" ] || echo "native: up to date" >&2
  exit 0
fi

echo "native: building (two to four minutes the first time)" >&2
cargo build --release --locked --package quittance-native
mkdir -p "$output"
library=target/release/libquittance_native
for extension in so dylib; do
  [ -f "$library.$extension" ] && built="$library.$extension"
done
# A running process may have the old file mapped: replace it, do not write into it.
cp "$built" "$output/quittance.node.new"
mv -f "$output/quittance.node.new" "$output/quittance.node"
echo "$hash" >"$output/hash"
echo "native: built $output/quittance.node" >&2
