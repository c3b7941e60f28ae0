#!/bin/sh
# Plays a rotation with a real Terraform or OpenTofu, the provider of this clone and the mock endpoint, and checks each
# step. `make demo` runs it; with -v it shows all that Terraform says. It needs Go and leaves nothing behind.
set -eu
cd "$(dirname "$0")/../.."
began=$(date +%s)

fail() {
  printf '\nThe demo stopped: %s\n' "$1" >&2
  exit 1
}

command -v go >/dev/null || fail "there is no go on PATH. Install Go: https://go.dev/dl/"
cli=${TF_ACC_TERRAFORM_PATH:-}
[ -n "$cli" ] || fail "run it by make demo, which finds Terraform or OpenTofu."
host=${TF_ACC_PROVIDER_HOST:-registry.terraform.io}

case ${1:-} in
-v) shown= ;; # every line
*) shown='^  # csms|^Plan:|^No changes|^Warning:|(Creation|Modifications|Destruction) complete|^(Apply|Destroy) complete|^[a-z]+ = |^  "|^}' ;;
esac

# Nothing of somebody's real account or of their Terraform takes part.
unset $(awk 'BEGIN { for (name in ENVIRON) if (name ~ /^(TF|HW|OS|CSMS|HUAWEICLOUD)_/) print name }')
export TF_CLI_CONFIG_FILE=/dev/null CHECKPOINT_DISABLE=1 TF_IN_AUTOMATION=1 TF_INPUT=0 TF_CLI_ARGS=-no-color

work=$(mktemp -d)
export GOTMPDIR="$work"
mock=
stop_mock() {
  [ -z "$mock" ] || kill "$mock" 2>/dev/null || :
  mock=
  wait
}
trap 'stop_mock; rm -rf "$work"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

number=0
step() {
  number=$((number + 1))
  printf '\n==> %d. %s\n' "$number" "$1"
}

# terraform CODE DIRECTORY COMMAND... runs Terraform, and stops the demo unless it exits with CODE. The exit code of
# plan -detailed-exitcode is 0 for an empty plan and 2 for one with changes.
terraform() {
  want=$1 dir=$2 code=0
  shift 2
  printf '    $ %s %s\n' "${cli##*/}" "$*"
  "$cli" -chdir="$work/$dir" "$@" >"$work/said" 2>&1 || code=$?
  [ "$code" = "$want" ] || fail "this exited with $code, not with $want: $(cat "$work/said")"
  grep -E "$shown" "$work/said" | sed 's/^/      /'
}

# warns TEXT looks for a warning in what Terraform said last.
warns() {
  grep -q "Warning: .*$1" "$work/said" || fail "Terraform does not warn of $1."
}

# output DIRECTORY NAME JSON compares an output, which is what the service answered last.
output() {
  value=$("$cli" -chdir="$work/$1" output -json "$2")
  [ "$value" = "$3" ] || fail "the $2 are $value, not $3."
}

printf '\n==> Build the provider and the mock endpoint, and start the mock on a free port.\n'
plugin=$work/plugins/$host/csms/csms/0.0.1/$(go env GOOS)_$(go env GOARCH)
go build -o "$plugin/terraform-provider-csms_v0.0.1" .
go build -o "$work/" ./internal/cmd/csms-mock
mkfifo "$work/journal"
"$work/csms-mock" -addr 127.0.0.1:0 -seed examples/demo/secrets.yaml >"$work/journal" &
mock=$!
exec 3<"$work/journal"
while read -r line <&3; do
  case $line in
  "export "*) eval "$line" ;;
  *) [ -z "${HW_SECRET_KEY:-}" ] || break ;;
  esac
done
[ -n "${HW_SECRET_KEY:-}" ] || fail "the mock endpoint did not start."
cat <&3 >"$work/requests" &

mkdir "$work/here" "$work/elsewhere"
cp examples/demo/main.tf "$work/here"
cp examples/demo/elsewhere/main.tf "$work/elsewhere"
for dir in here elsewhere; do
  "$cli" -chdir="$work/$dir" init -plugin-dir="$work/plugins" >"$work/said" 2>&1 || fail "$(cat "$work/said")"
done
printf '\n==> The configuration is examples/demo/main.tf:\n\n'
sed 's/^/      /' examples/demo/main.tf

step "A rotation job has written version v3 and put the stage CANDIDATE on it. Terraform plans to move SYSCURRENT there."
terraform 2 here plan -detailed-exitcode -out=tfplan
warns SYSCURRENT

step "Apply: SYSCURRENT moves to v3, the new stage ROLLBACK marks v2, and v2 gets an expiry."
terraform 0 here apply tfplan
output here stages '{"CANDIDATE":"v3","ROLLBACK":"v2","SYSCURRENT":"v3","SYSPREVIOUS":"v1"}'
output here expiries '{"v2":"2090-01-01T00:00:00Z"}'

step "A second plan is empty."
terraform 0 here plan -detailed-exitcode

step "Somebody else moves ROLLBACK to v1, with a Terraform of their own (examples/demo/elsewhere)."
terraform 0 elsewhere apply -auto-approve
output elsewhere stages '{"CANDIDATE":"v3","ROLLBACK":"v1","SYSCURRENT":"v3","SYSPREVIOUS":"v1"}'

step "The next plan shows it, and the apply puts ROLLBACK back on v2."
terraform 2 here plan -detailed-exitcode -out=tfplan
warns ROLLBACK
terraform 0 here apply tfplan
output here stages '{"CANDIDATE":"v3","ROLLBACK":"v2","SYSCURRENT":"v3","SYSPREVIOUS":"v1"}'
terraform 0 here plan -detailed-exitcode

step "Destroy deletes ROLLBACK. The service does not delete SYSCURRENT: it stays on v3, with a warning."
terraform 0 here destroy -auto-approve
warns SYSCURRENT
terraform 0 elsewhere apply -refresh-only -auto-approve
output elsewhere stages '{"CANDIDATE":"v3","SYSCURRENT":"v3","SYSPREVIOUS":"v1"}'

stop_mock
grep -q '(ListVersions[ ,]' "$work/requests" || fail "the mock endpoint did not say what it was asked for."
! grep '(ShowVersion[ ,]' "$work/requests" || fail "the value of a secret was read."

cat <<END

Every step was as told, in $(($(date +%s) - began)) s, and nobody asked the service for the value of a secret. What next?
  make demo DEMO_FLAGS=-v             the same, with all that Terraform says
  go run ./internal/cmd/csms-mock     a mock endpoint to try things at, with a page to watch
  examples/modules                    modules for rotation and roll-back
END
