// SPDX-License-Identifier: GPL-2.0-only
import test from 'ava';
import { coverTable } from '../src/bench/dbus/cover-table.js';
import { judge } from '../src/bench/dbus/limits.js';
import { planFor } from '../src/bench/dbus/plan.js';
import { joinPasses } from '../src/bench/dbus/rows.js';
import { callLine, dbusTables, describeJudgements } from '../src/bench/dbus/tables.js';
import { savedFigures, type SavedBuses } from './bench-fixtures/saved-buses.js';

const plan = planFor({});

function resultOf(saved: SavedBuses) {
	const rows = joinPasses([{ clock: 'instructions', found: savedFigures(plan, saved) }], plan);
	const { direct } = saved;
	const others = {
		crowded: { flows: 100_003, flow_lookups: 1000, flows_compared: 1190, longest_chain: 4 },
		'stopped-reader': { queued: 8_386_560, left_full: 13 },
	};
	return { direct, rows, judgements: direct ? judge(rows) : [], others: direct ? others : {} };
}

test('a table shows counts, ratios and limits', (t) => {
	const text = dbusTables(resultOf({ direct: true }));
	t.regex(
		text,
		/│ call +│ +64 B │ +39,038 │ +47,046 │ +51,050 │ +94,092 │ +153,149 │ +1\.085 ≤ 1\.15 ✓ │ +0\.543 ≤ 0\.60 ✓ │ +0\.333 ≤ 0\.36 ✓ │/,
	);
	t.regex(
		text,
		/message-signal, 64 B: 5,906 on AF_DBUS, 2,502 on a socketpair, 3,403 more ≤ 3,500 ✓/,
	);
	t.regex(
		text,
		/\nTen thousand others on the bus:\ncrowded ÷ uncrowded: 1\.000 ≤ 1\.02 ✓\n.*: flows 100003\nhash chains: 1\.19 flows compared to find one, at most 4 \(1,000 lookups\)\n/,
	);
	t.regex(
		text,
		/\nAnother client that has stopped reading:\nstopped-reader ÷ no-reader: 1\.000 ≤ 1\.02 ✓\n.*: queued 8386560, left_full 13\n/,
	);
	t.regex(text, /the kernel delivered, as its counters show/);
});

test('a limit that is missed is marked and named', (t) => {
	const result = resultOf({ direct: true, costs: { 'socketpair-addressed': 44_000 } });
	t.regex(dbusTables(result), /1\.159 ≤ 1\.15 ✗/);
	const words = describeJudgements(result);
	t.regex(
		words,
		/^✗ AF_DBUS, sd-bus, call of 0 B: 1\.159 of socketpair-addressed, at most 1\.15 is allowed$/m,
	);
	t.regex(words, /\n16 of 30 limits missed$/);
	const raw = resultOf({
		direct: true,
		change: (figure) =>
			figure.client === 'raw' && figure.subject === 'AF_DBUS'
				? { ...figure, nanoseconds: figure.nanoseconds + 100 }
				: figure,
	});
	t.regex(
		describeJudgements(raw),
		/message-call of 64 B: 3,503 more than on socketpair, at most 3,500 are allowed\n2 of 30/,
	);
	t.is(describeJudgements(resultOf({ direct: true })), 'all 30 limits kept');
});

test('of a kernel that delivers nothing, figures are shown and not judged', (t) => {
	const result = resultOf({ direct: false });
	const text = dbusTables(result);
	t.regex(text, /everything went through dbus-daemon/);
	t.notRegex(text, /[✓✗]|counted by the kernel/);
	t.is(describeJudgements(result), 'no limits: they are for a kernel that delivers directly');
});

test('the line of the demonstration', (t) => {
	t.is(
		callLine(resultOf({ direct: true })),
		'A method call and its reply, 64 B, with sd-bus on both ends: 153,149 instructions through dbus-daemon, 51,050 on AF_DBUS, which is 0.333 ≤ 0.36 ✓',
	);
});

test("a cover letter's table, within a mail's width", (t) => {
	const [heading, ...lines] = coverTable(resultOf({ direct: true }).rows);
	t.regex(heading ?? '', /^ +AF_DBUS +addressed +ratio +dbus-broker +ratio +dbus-daemon +ratio$/);
	t.is(lines.length, 6);
	for (const line of lines) {
		t.true(line.length <= 73, line);
		t.regex(line, /^ *\d+ [KM]?i?B +[\d,]+( +[\d,]+ +\d\.\d\d){3}$/);
	}
	t.regex(lines[1] ?? '', /64 B +51,050 +47,046 +1\.09 +94,092 +0\.54 +153,149 +0\.33$/);
});

test('a figure that was not measured is named', (t) => {
	const rows = resultOf({ direct: true }).rows.filter(({ subject }) => subject !== 'dbus-broker');
	t.throws(() => coverTable(rows), {
		message: 'the figures have no call of 0 B with sd-bus on dbus-broker: measure everything',
	});
});
