// SPDX-License-Identifier: GPL-2.0-only
import test from 'ava';
import { parseFigures } from '../src/bench/dbus/figures.js';
import { planFor } from '../src/bench/dbus/plan.js';
import { savedFigures, savedLines } from './bench-fixtures/saved-buses.js';

const plan = planFor({ subjects: ['AF_DBUS'], bytes: [64] });

for (const direct of [true, false]) {
	test(`figures of a kernel that ${direct ? 'delivers' : "doesn't deliver"}`, (t) => {
		const lines = savedLines(plan, { direct });
		t.deepEqual(parseFigures(lines, plan), savedFigures(plan, { direct }));
	});
}

const lines = savedLines(plan, { direct: false });

test('a figure that is missing is named', (t) => {
	t.throws(() => parseFigures(lines.slice(0, -1), plan), {
		message: 'bus-bench left out 1 figures, the first of them AF_DBUS, sd-bus, crowded of 64 B',
	});
});

test('a figure that is there twice is named', (t) => {
	t.throws(() => parseFigures([...lines, lines.at(-1) ?? ''], plan), {
		message: 'bus-bench printed twice, or without being asked: AF_DBUS, sd-bus, crowded of 64 B',
	});
});

for (const line of ['nonsense', '{}', (lines[1] ?? '').replace('"call"', '"shout"')]) {
	test(`no figure: ${line}`, (t) => {
		const error = t.throws(() => parseFigures([lines[0] ?? '', line], plan));
		t.true(error.message.startsWith(`bus-bench printed a line that isn't a figure: ${line}\n`));
	});
}

test('what the kernel can do is said first', (t) => {
	t.throws(() => parseFigures(lines.slice(1), plan), { message: /isn't what it says first: \{/ });
});
