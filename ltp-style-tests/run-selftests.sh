#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Runs kselftests one after another, in the guest, and prints KTAP: a test for each program, which
# holds the tests that the program tells of.
#
# run-selftests.sh NAME PROGRAM [OPTION VALUE]… [NAME PROGRAM [OPTION VALUE]… …]
#
# Of a program with --only TEST, once or several times, those tests run alone. One with --cpus LIST runs
# on these processors, as taskset takes them; else on the first. A suite of KUnit's goes by its folder in the place
# of a program.

set -u
echo 'KTAP version 1'

count_selftests() {
	local count=0
	while (($# >= 2)); do
		[[ $1 == --* ]] || count=$((count + 1))
		shift 2
	done
	echo $count
}
echo "1..$(count_selftests "$@")"

# run_test CPUS PROGRAM [ARGUMENT]…
run_test() {
	local cpus=$1
	shift
	if [[ -d $1 ]]; then
		echo run >"$1/run" && cat "$1/results" && ! grep --quiet '^not ok' "$1/results"
		return
	fi
	taskset --cpu-list "$cpus" "$@" </dev/null
}

number=0
failed=0
while (($# >= 2)); do
	name=$1
	program=$2
	shift 2
	only=()
	# On one processor: a test and its target that take turns on two interrupt each other all the
	# time, which takes an emulated machine twice as long.
	cpus=0
	while [[ ${1-} == --* ]]; do
		case $1 in
		--only) only+=(-t "$2") ;;
		--cpus) cpus=$2 ;;
		*)
			echo "run-selftests.sh: $1: there are --only and --cpus" >&2
			exit 1
			;;
		esac
		shift 2
	done
	number=$((number + 1))
	cd "$(dirname "$program")" || exit 1
	run_test "$cpus" "$program" "${only[@]}" | sed --unbuffered 's/^/  /'
	status=${PIPESTATUS[0]}
	if ((status == 0)); then
		echo "ok $number $name"
		continue
	fi
	failed=1
	# A program that finds nothing to test says 4. These were built for this kernel.
	case $status in
	4) reason='it skipped everything' ;;
	*) reason="it ended with status $status" ;;
	esac
	echo "not ok $number $name # $reason"
done
exit $failed
