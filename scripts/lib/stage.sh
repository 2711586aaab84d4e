# shellcheck shell=bash
# What packages are made of. Sourced; needs deploy/spawn/process.sh and the checkout as working directory.
#
# prepare_release sets EXECUTABLE (LINERNOTES_EXECUTABLE, or what scripts/build makes), VERSION, ARCHITECTURE and
# SOURCE_DATE_EPOCH. stage_manual DIR and stage_licences DIR fill directories.

# shellcheck source=scripts/lib/build.sh
. scripts/lib/build.sh

prepare_release() {
  scripts/packages "$1" >&2
  if [ -n "${LINERNOTES_EXECUTABLE-}" ]; then
    EXECUTABLE=$LINERNOTES_EXECUTABLE
    only_glibc "$EXECUTABLE"
  else
    build_executable >&2
  fi
  VERSION=$(sed -n 's/.*current = "\(.*\)"/\1/p' Sources/FCGIApp/Version.swift)
  [ -n "$VERSION" ] && [ "$("$EXECUTABLE" --version)" = "$VERSION" ] || die "$EXECUTABLE is not of version $VERSION"
  ARCHITECTURE=$(uname -m)
  # So that two builds of the same commit give the same bytes.
  SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct 2>/dev/null || date +%s)}
  export SOURCE_DATE_EPOCH
}

# The manual page and the completions, all from the executable itself: a new command is in them.
stage_manual() {
  local share=$1 shell
  mkdir -p "$share/man/man1" "$share/bash-completion/completions" "$share/zsh/vendor-completions" \
    "$share/fish/vendor_completions.d"
  packaging/man "$EXECUTABLE" packaging/linernotes.1.in "$SOURCE_DATE_EPOCH" >"$share/man/man1/linernotes.1"
  # Warnings of a missing page that SEE ALSO names depend on what is installed here.
  mandoc -T lint -W warning "$share/man/man1/linernotes.1" >&2 || die 'the manual page has faults'
  # It is sourced and never run.
  "$EXECUTABLE" --generate-completion-script bash | sed '1{/^#!/d}' >"$share/bash-completion/completions/linernotes"
  "$EXECUTABLE" --generate-completion-script zsh >"$share/zsh/vendor-completions/_linernotes"
  "$EXECUTABLE" --generate-completion-script fish >"$share/fish/vendor_completions.d/linernotes.fish"
  for shell in bash-completion/completions/linernotes zsh/vendor-completions/_linernotes \
    fish/vendor_completions.d/linernotes.fish; do
    [ -s "$share/$shell" ] || die "no completions: $shell"
  done
}

# The licences of everything that is in the executable, as those who made it tell them: the Swift packages and runtime, and
# the libraries of Package.swift that are linked.
stage_licences() {
  local out=$1 folder package file
  mkdir -p "$out"
  cp LICENSE "$out/linernotes.txt"
  for folder in .build/checkouts/*/; do
    for file in LICENSE.txt NOTICE.txt; do
      [ ! -f "$folder$file" ] || cp "$folder$file" "$out/$(basename "$folder")-$file"
    done
  done
  # The command itself may be a link of a version manager.
  folder=$(swift -print-target-info | sed -n 's|.*"runtimeResourcePath" *: *"\(.*\)/lib/swift".*|\1|p')
  cp "$folder/share/swift/LICENSE.txt" "$out/swift-LICENSE.txt"
  while read -r package; do
    cp "/usr/share/doc/$package/copyright" "$out/$package.txt"
  done < <(sed -n 's/.*pkgConfig: .*\.apt(\["\([^"]*\)"\]).*/\1/p' Package.swift)
  # libstdc++ and libgcc.
  cp "$(find /usr/share/doc -path '*/gcc-*-base/copyright' | sort | head -n 1)" "$out/libstdc++.txt"
  cp /usr/share/common-licenses/MPL-2.0 "$out/public-suffix-list-MPL-2.0.txt"
  chmod 644 "$out"/*
}
