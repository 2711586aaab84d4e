# shellcheck shell=bash
# The executable that is handed on. Sourced; needs deploy/spawn/process.sh, and the packages that scripts/packages installs.
#
# build_executable builds it and sets EXECUTABLE. It holds everything but the libraries of glibc: Swift's own, libstdc++
# and the C libraries that Package.swift links are taken from their archives.

build_executable() {
  local archives=$PWD/.build/archives library names name flags
  # The linker takes libNAME.so where it finds both, so it is shown a directory that has only archives, before any other.
  rm -rf "$archives.new"
  mkdir -p "$archives.new"
  while read -r library; do
    names=$(pkg-config --libs-only-l "$library") || die "pkg-config does not know $library"
    for name in $names; do add_archive "${name#-l}" "$archives.new"; done
  done < <(sed -n 's/.*pkgConfig: "\([^"]*\)".*/\1/p' Package.swift)
  add_archive stdc++ "$archives.new"
  rm -rf "$archives"
  mv "$archives.new" "$archives"

  flags=(-c release --static-swift-stdlib --product linernotes
    -Xlinker "-L$archives" -Xlinker --gc-sections -Xlinker -s)
  swift build "${flags[@]}"
  # shellcheck disable=SC2034
  EXECUTABLE=$(swift build "${flags[@]}" --show-bin-path)/linernotes
}

add_archive() {
  local path
  path=$(clang "-print-file-name=lib$1.a")
  [ -f "$path" ] || die "lib$1.a is missing"
  ln -sf "$path" "$2/"
}
