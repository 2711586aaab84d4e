# shellcheck shell=bash
# The executable that is handed on. Sourced; needs deploy/spawn/process.sh, the packages that scripts/packages installs,
# and the checkout as working directory.
#
# build_executable builds it and sets EXECUTABLE. Nothing but glibc has to be there where it runs: Swift's own libraries,
# libstdc++ and the C libraries that Package.swift names for pkg-config are in it. EXECUTABLE.debug has its symbols.

build_executable() {
  local archives=$PWD/.build/archives library name flags output
  # Where the linker finds both libNAME.so and libNAME.a, it takes the first. So it is shown a directory that has only
  # archives, by files for pkg-config that know of no other.
  rm -rf "$archives"
  mkdir -p "$archives"
  while read -r library; do
    for name in $(pkg-config --libs-only-l "$library"); do add_archive "${name#-l}" "$archives"; done
    printf '%s\n' "Name: $library" "Description: its archive" "Version: $(pkg-config --modversion "$library")" \
      "Cflags: $(pkg-config --cflags "$library")" "Libs: -L$archives $(pkg-config --libs-only-l "$library")" \
      >"$archives/$library.pc"
  done < <(sed -n 's/.*pkgConfig: "\([^"]*\)".*/\1/p' Package.swift)
  add_archive stdc++ "$archives"

  # Swift's overlay of glibc refers to a function that has had another version since glibc 2.35. Nobody calls it.
  clang -O2 -fstack-protector-strong -fstack-clash-protection -fno-math-errno -fPIC -fvisibility=hidden -x c -c -o "$archives/hypotf.o" - <<'C'
float hypotf(float x, float y) { return (float)__builtin_sqrt((double)x * x + (double)y * y); }
C

  # Of functions that are left out, lld also leaves out what they refer to. gold would ask for glibc 2.36 for nothing.
  flags=(-c release --static-swift-stdlib --product linernotes --pkg-config-path "$archives" -Xswiftc -use-ld=lld
    -Xlinker --gc-sections -Xlinker "$archives/hypotf.o")
  # The few functions of the shims are C. Swift's own code needs neither: it checks bounds.
  flags+=(-Xcc -fstack-protector-strong -Xcc -fstack-clash-protection)
  swift build "${flags[@]}"
  output=$(swift build "${flags[@]}" --show-bin-path)
  only_glibc "$output/linernotes"
  EXECUTABLE=$output/shipped/linernotes
  if [ "$EXECUTABLE" -nt "$output/linernotes" ]; then return; fi
  mkdir -p "${EXECUTABLE%/*}"
  objcopy --only-keep-debug "$output/linernotes" "$EXECUTABLE.debug"
  strip --strip-all -o "$EXECUTABLE.new" "$output/linernotes"
  objcopy --add-gnu-debuglink="$EXECUTABLE.debug" "$EXECUTABLE.new"
  # What is in it, and what has to go with it.
  scripts/sbom >"$EXECUTABLE.spdx.json"
  scripts/sbom --texts >"${EXECUTABLE%/*}/LICENSES"
  mv -f "$EXECUTABLE.new" "$EXECUTABLE"
}

add_archive() {
  local path
  path=$(clang "-print-file-name=lib$1.a")
  [ -f "$path" ] || die "lib$1.a is missing"
  ln -sf "$path" "$2/"
}

# Nobody would notice before the executable is on a machine that lacks the library.
only_glibc() {
  local library
  while read -r library; do
    case $library in
      libc.so.* | libm.so.* | libgcc_s.so.* | ld-linux*.so.*) ;;
      *) die "$1 needs $library, which is not part of glibc" ;;
    esac
  done < <(objdump -p "$1" | sed -n 's/^ *NEEDED *//p')
}
