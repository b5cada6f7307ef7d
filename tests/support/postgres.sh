# A throw-away PostgreSQL: `sh -c "$(cat postgres.sh)" PROGRAMS FOLDER OPTIONS`. Says `ready` on standard output, and holds the
# cluster until its standard input ends, which comes when the process that started it ends, however it ends. Then all is gone.
trap '' PIPE # nobody may be there any more to hear that it is ready
exec 2>"$1"/log
"$0"/initdb --no-sync -A trust -U postgres -E UTF8 -D "$1"/data >&2 &&
"$0"/pg_ctl -D "$1"/data -l "$1"/log -w -o "$2" start >&2 && echo ready
cat >/dev/null
"$0"/pg_ctl -D "$1"/data -m immediate stop >&2
rm -rf "$1"
