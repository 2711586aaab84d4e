# shellcheck shell=bash
# A root directory with little of Debian in it, to try a package in. Sourced; needs deploy/spawn/process.sh, root and a
# Debian system, from whose files it is made: nothing is downloaded, and no service is there.

# make_root DIR PACKAGE...: the essential packages, those named, and what they depend on, as installed here.
make_root() {
  local root=$1 package status depends name architecture link
  shift
  local -a wanted=("$@") found=() packages=()
  local -A known=()
  architecture=$(dpkg --print-architecture)
  while read -r package status; do
    [ "$status" != yes ] || wanted+=("$package")
  done < <(dpkg-query -W -f '${Package} ${Essential}\n')
  while [ ${#wanted[@]} -gt 0 ]; do
    found=()
    while IFS=$'\t' read -r package status depends; do
      [ "${status##* }" = installed ] || continue
      [ -z "${known[$package]-}" ] || continue
      known[$package]=yes
      while read -r name; do
        [ -z "$name" ] || [ -n "${known[$name]-}" ] || found+=("$name")
      done < <(printf '%s' "$depends" | tr ',|' '\n' | sed 's/(.*//; s/:.*//; s/ //g')
    done < <(dpkg-query -W -f '${Package}\t${Status}\t${Depends}, ${Pre-Depends}\n' "${wanted[@]}" 2>/dev/null)
    wanted=("${found[@]}")
  done
  # A machine may have some of them for another architecture as well.
  mapfile -t packages < <(dpkg-query -W -f '${binary:Package} ${Architecture}\n' "${!known[@]}" 2>/dev/null | sort |
    sed -n "s/ \(all\|$architecture\)\$//p")

  for link in /bin /sbin /lib /lib32 /lib64 /libx32; do
    [ ! -L "$link" ] || cp -P "$link" "$root$link"
  done
  mkdir -p "$root"/{dev,proc,sys,tmp,run,root,usr/bin,usr/sbin,usr/lib,usr/lib64,var/lib/dpkg/info,var/lib/dpkg/updates,var/log,etc/pam.d}
  {
    dpkg-query -L "${packages[@]}"
    find /etc/alternatives /usr/bin /usr/sbin -lname '/etc/alternatives/*'
    find /etc/alternatives
    printf '%s\n' /etc/ld.so.conf /usr/bin/sh /bin/sh
  } | sort -u | grep -Ev '^/usr/share/(doc|man|locale|lintian)/' | while read -r name; do
    [ ! -f "$name" ] && [ ! -L "$name" ] || printf '%s\n' "${name#/}"
  done >"$root/tmp/files"
  tar -C / -cf - -T "$root/tmp/files" 2>/dev/null | tar -C "$root" -xf -
  rm -f "$root/tmp/files"
  chmod 1777 "$root/tmp"

  # What dpkg knows of them, and nothing of the rest.
  for package in "${packages[@]}"; do
    cp "/var/lib/dpkg/info/$package".* "$root/var/lib/dpkg/info/"
    dpkg-query -s "$package"
    printf '\n'
  done >"$root/var/lib/dpkg/status"
  printf '1\n' >"$root/var/lib/dpkg/info/format"
  cp /var/lib/dpkg/arch "$root/var/lib/dpkg/" 2>/dev/null || true
  cp /usr/share/base-passwd/passwd.master "$root/etc/passwd"
  cp /usr/share/base-passwd/group.master "$root/etc/group"
  sed 's/:.*/:*:19000:0:99999:7:::/' "$root/etc/passwd" >"$root/etc/shadow"
  sed 's/:.*/:*::/' "$root/etc/group" >"$root/etc/gshadow"
  chmod 640 "$root/etc/shadow" "$root/etc/gshadow"
  # Packages make these from answers to questions.
  for name in auth account password session session-noninteractive; do
    printf '%s required pam_permit.so\n' "${name%%-*}" >"$root/etc/pam.d/common-$name"
  done
  mknod -m 666 "$root/dev/null" c 1 3 2>/dev/null || true
  mknod -m 666 "$root/dev/urandom" c 1 9 2>/dev/null || true
  in_root "$root" ldconfig
}

# in_root DIR COMMAND [ARGUMENT]...
in_root() {
  local root=$1
  shift
  env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root DEBIAN_FRONTEND=noninteractive LC_ALL=C \
    chroot "$root" "$@"
}
