#!/bin/sh
# Installs the wsspec binary of a release, if its checksum is right.
#
# usage: install.sh [FOLDER]       (default: ~/.local/bin)
#
# WSSPEC_VERSION    the version, such as 0.1.0; without it the latest release
# WSSPEC_DOWNLOADS  where the archives are, in place of the project's releases
#
# Needs curl, tar, and sha256sum or shasum.
set -eu

fail() { echo "install.sh: $1" >&2; exit 3; }

folder=${1:-$HOME/.local/bin}
releases=https://github.com/wsspec/wsspec/releases
if [ -n "${WSSPEC_DOWNLOADS:-}" ]; then
  downloads=$WSSPEC_DOWNLOADS
elif [ -n "${WSSPEC_VERSION:-}" ]; then
  downloads=$releases/download/v${WSSPEC_VERSION#v}
else
  downloads=$releases/latest/download
fi

binary=wsspec
case $(uname -s)-$(uname -m) in
  Linux-x86_64) target=x86_64-unknown-linux-musl ;;
  Linux-aarch64 | Linux-arm64) target=aarch64-unknown-linux-musl ;;
  Darwin-x86_64) target=x86_64-apple-darwin ;;
  Darwin-arm64) target=aarch64-apple-darwin ;;
  MINGW*-x86_64 | MSYS*-x86_64 | CYGWIN*-x86_64) target=x86_64-pc-windows-msvc binary=wsspec.exe ;;
  *) fail "no binary is released for $(uname -s) on $(uname -m); cargo install wsspec makes one" ;;
esac

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
archive=wsspec-$target.tar.gz
for file in "$archive" SHA256SUMS; do
  curl --fail --silent --show-error --location --retry 3 --output "$scratch/$file" "$downloads/$file" ||
    fail "$downloads/$file cannot be had"
done

cd "$scratch"
grep " [ *]*$archive\$" SHA256SUMS > expected || fail "SHA256SUMS does not name $archive"
if command -v sha256sum > /dev/null; then
  sha256sum --check --quiet expected >&2 || fail "$archive has another checksum than its release says"
else
  shasum --algorithm 256 --check --quiet expected >&2 || fail "$archive has another checksum than its release says"
fi
tar -xzf "$archive" "$binary"
cd - > /dev/null
mkdir -p "$folder"
mv "$scratch/$binary" "$folder/$binary"
"$folder/$binary" --version
