#!/bin/sh
# Puts Vanishing Point into the menu of the desktop, for this user; with --remove takes it out again.
set -eu

folder=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
menu=${XDG_DATA_HOME:-$HOME/.local/share}/applications
entry=$menu/vanishing-point.desktop

case ${1:-} in
'')
    mkdir -p "$menu"
    # What sed would read as its own words in a path.
    quoted=$(printf %s "$folder" | sed 's/[&|\\]/\\&/g')
    sed "s|@FOLDER@|$quoted|g" "$folder/vanishing-point.desktop" >"$entry"
    echo "Vanishing Point is in the menu now ($entry). If you move this folder, run this again."
    ;;
--remove)
    rm -f "$entry"
    echo 'Vanishing Point is out of the menu.'
    ;;
*)
    echo 'usage: add-to-menu.sh [--remove]' >&2
    exit 2
    ;;
esac
