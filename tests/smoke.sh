#!/bin/sh
# Two strangers sign up, chat and are kept apart from a third: the outermost proof that a chatapp works.
#
#     tests/smoke.sh http://127.0.0.1:8000
#
# Needs only curl, and AUTH_MODE=builtin. One line a step; ends with 1 at the first that fails. It removes the chat with
# its messages and files, also when a step fails; the three people only where SERVICE_TOKEN is in the environment, since
# no other user may. It stays below the default limits: five tries of authentication, at most six sends and two uploads a
# person, so that it can run twice in five minutes from one address.
set -u

base=${1:-}
case $base in
    http://* | https://*) base=${base%/} ;;
    *) echo "usage: $0 BASE_URL, such as http://127.0.0.1:8000" >&2; exit 2 ;;
esac
command -v curl > /dev/null || { echo "smoke: curl is missing" >&2; exit 2; }

chat=/api/v1/marketplace/chat
social=/api/v1/chat
internal=/api/v1/internal
work=$(mktemp -d) || exit 2
socket=
chat_id=
anna_token=
people=
leave() {
    [ -z "$socket" ] || kill "$socket" 2> /dev/null
    [ -z "$chat_id" ] || remove "$chat/$chat_id" "$anna_token"
    for person in $people; do
        [ -z "${SERVICE_TOKEN:-}" ] || remove "$internal/users/$person" "$SERVICE_TOKEN"
    done
    rm -rf "$work"
}
# remove PATH TOKEN: whatever comes of it.
remove() { curl -s --max-time 20 -o "$work/removed" -X DELETE -H "Authorization: Bearer $2" "$base$1"; }
trap leave EXIT
trap 'exit 1' INT TERM
body=$work/body
steps=0

fail() {
    echo "FAIL $step: $1"
    [ ! -s "$body" ] || { printf '     '; cut -c 1-400 "$body"; echo; }
    echo "$steps passed, 1 failed"
    exit 1
}

pass() {
    steps=$((steps + 1))
    echo "ok   $step"
}

# ask STATUS METHOD PATH TOKEN [JSON]: one request, whose status must be this one. Its answer lies in $body.
ask() {
    wanted=$1 method=$2 path=$3 token=$4
    : > "$body"
    set -- "${5:-}"
    if [ -n "$1" ]; then
        set -- -H 'Content-Type: application/json' --data-binary "$1"
    else
        set --
    fi
    [ -z "$token" ] || set -- "$@" -H "Authorization: Bearer $token"
    status=$(curl -sS --max-time 20 -o "$body" -w '%{http_code}' -X "$method" "$@" "$base$path" 2> "$work/error") \
        || fail "$method $path: $(head -n 1 "$work/error")"
    [ "$status" = 429 ] && [ "$wanted" != 429 ] && fail "$method $path: limited (429); wait, or raise the limits"
    [ "$status" = "$wanted" ] || fail "$method $path answered $status, not $wanted"
}

# upload STATUS PATH TOKEN FILE: a form with one file. Its answer lies in $body.
upload() {
    : > "$body"
    status=$(curl -sS --max-time 60 -o "$body" -w '%{http_code}' -H "Authorization: Bearer $3" \
        -F "files=@$4;type=application/pdf" "$base$2" 2> "$work/error") || fail "POST $2: $(head -n 1 "$work/error")"
    [ "$status" = "$1" ] || fail "POST $2 answered $status, not $1"
}

# download PATH TOKEN FILE: what comes must be the same bytes as FILE.
download() {
    ask 200 GET "$1" "$2"
    cmp -s "$body" "$3" || { : > "$body"; fail "GET $1 gave other bytes than were uploaded"; }
}

# value NAME: what stands behind the first "NAME": of the last answer, without quotes.
value() {
    awk -v name="\"$1\":" '{
        start = index($0, name)
        if (!start) next
        rest = substr($0, start + length(name))
        sub(/^ */, "", rest)
        if (sub(/^"/, "", rest)) sub(/".*/, "", rest); else sub(/[],}].*/, "", rest)
        print rest
        exit
    }' "$body"
}

has() { grep -q -F -- "$1" "$body" || fail "the answer has no $1"; }
lacks() { if grep -q -F -- "$1" "$body"; then fail "the answer has $1"; fi; }

# equal WHAT FOUND WANTED
equal() { [ "$2" = "$3" ] || fail "$1 is '$2', not '$3'"; }

# open_socket TICKET FILE: upgrade by hand; whatever comes is written into FILE until close_socket.
open_socket() {
    : > "$2"
    curl -sS -N -i --http1.1 --max-time 60 -H 'Connection: Upgrade' -H 'Upgrade: websocket' \
        -H 'Sec-WebSocket-Version: 13' -H 'Sec-WebSocket-Key: c21va2Ugb2YgY2hhdGFwcA==' \
        "$base/ws/chat?ticket=$1" > "$2" 2> /dev/null &
    socket=$!
}

close_socket() {
    kill "$socket" 2> /dev/null
    wait "$socket" 2> /dev/null
    socket=
}

# await_frame FILE TEXT: wait, at most ten seconds, until the socket has received it.
await_frame() {
    patience=10
    until tr -cd '[:print:]' < "$1" | grep -q -F -- "$2"; do
        patience=$((patience - 1))
        [ $patience -gt 0 ] || fail "the socket did not say $2"
        sleep 1
    done
}

# enter NAME: sign up; leaves id and token in $id and $token_of.
enter() {
    person=smoke-$1-$random
    ask 201 POST /api/v1/auth/signup '' \
        "{\"username\":\"$person\",\"email\":\"$person@example.com\",\"password\":\"smoke-$random\",\"name\":\"Smoke $1\"}"
    id=$(value 'user":{"id')
    token_of=$(value access_token)
    { [ -n "$id" ] && [ -n "$token_of" ]; } || fail "no id or token in the answer"
    people="$people $id"
}

# document FILE: a PDF of one empty page. PDFs are stored as they were sent.
document() {
    {
        printf '%%PDF-1.4\n1 0 obj\n<< /Type /Catalog /Pages 2 0 R >>\nendobj\n'
        printf '2 0 obj\n<< /Type /Pages /Kids [3 0 R] /Count 1 >>\nendobj\n'
        printf '3 0 obj\n<< /Type /Page /Parent 2 0 R /MediaBox [0 0 200 200] >>\nendobj\n'
        printf 'xref\n0 4\n0000000000 65535 f \n'
        printf '%010d 00000 n \n' 9 58 115
        printf 'trailer\n<< /Size 4 /Root 1 0 R >>\nstartxref\n186\n%%%%EOF\n'
    } > "$1"
}

random=$(od -An -N6 -tx1 /dev/urandom | tr -d ' \n')

step="health"
ask 200 GET /health ''
ask 200 GET /api/v1/health ''
pass

step="contracts: OpenAPI, AsyncAPI, Swagger page, metrics"
ask 200 GET /openapi.json ''
has '"openapi"'
ask 200 GET /asyncapi.json ''
has '"asyncapi"'
ask 200 GET /swagger/ ''
pass

step="sign up: anna, boris and an outsider"
enter anna
anna=$id anna_token=$token_of
enter boris
boris=$id boris_token=$token_of refresh=$(value refresh_token)
enter outsider
outsider_token=$token_of
pass

step="log in by username"
ask 200 POST /api/v1/auth/login '' "{\"login\":\"smoke-anna-$random\",\"password\":\"smoke-$random\"}"
anna_token=$(value access_token)
ask 200 GET /api/v1/auth/me "$anna_token"
equal "my id" "$(value id)" "$anna"
pass

step="an empty list of chats"
ask 200 GET $chat "$anna_token"
has '"data":[]'
pass

step="anna sends to boris"
hello="{\"receiver_id\":$boris,\"content\":\"Hello, Boris\",\"client_message_id\":\"hello-$random\"}"
ask 200 POST $chat/messages "$anna_token" "$hello"
message=$(value id)
chat_id=$(value chat_id)
equal "seq" "$(value seq)" 1
pass

step="the same again is the same message"
ask 200 POST $chat/messages "$anna_token" "$hello"
equal "the message" "$(value id)" "$message"
ask 200 GET "$chat/messages?chat_id=$chat_id" "$anna_token"
equal "messages in the chat" "$(value total)" 1
pass

step="the same key with another text is refused"
ask 409 POST $chat/messages "$anna_token" \
    "{\"receiver_id\":$boris,\"content\":\"Another\",\"client_message_id\":\"hello-$random\"}"
pass

step="boris sees the chat and one unread message"
ask 200 GET $chat "$boris_token"
has "\"id\":$chat_id"
ask 200 GET $chat/unread-count "$boris_token"
equal "unread" "$(value count)" 1
pass

step="boris reads it"
ask 200 PUT $chat/messages/read "$boris_token" "{\"chat_id\":$chat_id,\"message_ids\":[$message]}"
ask 200 GET $chat/unread-count "$boris_token"
equal "unread" "$(value count)" 0
pass

step="boris answers, anna has it unread"
ask 200 POST $chat/messages "$boris_token" "{\"chat_id\":$chat_id,\"content\":\"Hello, Anna\"}"
equal "seq" "$(value seq)" 2
ask 200 GET $chat/unread-count "$anna_token"
equal "unread" "$(value count)" 1
pass

step="archive and bring back"
ask 200 POST "$chat/$chat_id/archive" "$boris_token"
ask 200 GET $chat "$boris_token"
lacks "\"id\":$chat_id"
ask 200 GET "$chat?archived=true" "$boris_token"
has "\"id\":$chat_id"
ask 200 POST "$chat/$chat_id/unarchive" "$boris_token"
ask 200 GET $chat "$boris_token"
has "\"id\":$chat_id"
pass

step="a socket opens by ticket and receives what is sent over REST"
ask 200 POST $chat/ws-ticket "$boris_token"
ticket=$(value ticket)
open_socket "$ticket" "$work/received"
await_frame "$work/received" '"connected"'
tr -d '\r' < "$work/received" | grep -a -q '^HTTP/1.1 101' || fail "the handshake was not answered with 101"
ask 200 POST $chat/messages "$anna_token" "{\"chat_id\":$chat_id,\"content\":\"Live $random\"}"
await_frame "$work/received" "Live $random"
close_socket
pass

step="a used ticket is refused"
open_socket "$ticket" "$work/refused"
await_frame "$work/refused" "not authenticated"
close_socket
pass

step="the social dialect shows the same chat, page by page"
ask 200 GET "$social/conversations/with/smoke-boris-$random" "$anna_token"
conversation=$(value id)
ask 200 GET "$social/conversations/$conversation/messages?limit=1" "$anna_token"
has "Live $random"
ask 200 GET "$social/conversations/$conversation/messages?limit=1&cursor=$(value nextCursor)" "$anna_token"
has "Hello, Anna"
ask 400 GET "$social/conversations?cursor=nonsense" "$anna_token"
has '"INVALID_CURSOR"'
pass

step="a file goes up and comes down, byte by byte"
document "$work/smoke.pdf"
upload 200 $chat/attachments "$boris_token" "$work/smoke.pdf"
file=$(value id)
ask 200 POST $chat/messages "$boris_token" "{\"chat_id\":$chat_id,\"content\":\"\",\"attachment_ids\":[$file]}"
has '"smoke.pdf"'
download "$chat/attachments/$file/download" "$anna_token" "$work/smoke.pdf"
ask 404 GET "$chat/attachments/$file/download" "$outsider_token"
pass

step="and in the social dialect"
upload 201 $social/files "$boris_token" "$work/smoke.pdf"
social_file=$(value id)
ask 201 POST "$social/conversations/$conversation/messages" "$boris_token" \
    "{\"content\":\"\",\"attachmentIds\":[\"$social_file\"]}"
has '"smoke.pdf"'
download "$social/files/$social_file" "$anna_token" "$work/smoke.pdf"
ask 404 GET "$social/files/$social_file" "$outsider_token"
pass

step="a block holds in both dialects until it is taken back"
ask 201 POST $social/blocks "$boris_token" "{\"username\":\"smoke-anna-$random\"}"
ask 403 POST "$social/conversations/$conversation/messages" "$anna_token" '{"content":"Hello?"}'
ask 403 POST $chat/messages "$anna_token" "{\"chat_id\":$chat_id,\"content\":\"Hello?\"}"
ask 200 DELETE "$social/blocks/smoke-anna-$random" "$boris_token"
ask 201 POST "$social/conversations/$conversation/messages" "$anna_token" '{"content":"Hello!"}'
pass

step="no token and a bad token are 401"
ask 401 GET $chat ''
ask 401 GET $chat "$anna_token.forged"
pass

step="an outsider finds neither the chat nor whether it exists"
ask 404 GET "$chat/messages?chat_id=$chat_id" "$outsider_token"
foreign=$(sed 's/"request_id":"[^"]*"//' "$body")
ask 404 GET "$chat/messages?chat_id=$((chat_id + 1))" "$outsider_token"
equal "the refusal of a foreign chat" "$foreign" "$(sed 's/"request_id":"[^"]*"//' "$body")"
ask 404 POST $chat/messages "$outsider_token" "{\"chat_id\":$chat_id,\"content\":\"Let me in\"}"
pass

step="unknown fields are 422, broken JSON is 400"
ask 422 POST $chat/messages "$anna_token" "{\"chat_id\":$chat_id,\"content\":\"Hi\",\"colour\":\"red\"}"
has '"colour"'
ask 400 POST $chat/messages "$anna_token" '{"content":'
pass

step="the chat is deleted for both, with its messages and files"
ask 200 DELETE "$chat/$chat_id" "$anna_token"
ask 404 GET "$chat/messages?chat_id=$chat_id" "$boris_token"
ask 404 GET "$chat/attachments/$file/download" "$boris_token"
ask 404 GET "$social/files/$social_file" "$anna_token"
chat_id=
pass

step="refresh, log out, and the token ends"
ask 200 POST /api/v1/auth/refresh '' "{\"refresh_token\":\"$refresh\"}"
boris_token=$(value access_token)
ask 200 POST /api/v1/auth/logout "$boris_token"
ask 401 GET $chat "$boris_token"
pass

echo "$steps passed, 0 failed"
