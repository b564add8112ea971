// SPDX-License-Identifier: GPL-2.0-only
import test from 'ava';
import { writeFile } from 'node:fs/promises';
import type { Checker } from '../../src/check/checker.js';
import type { Finding } from '../../src/check/finding.js';
import { body } from '../../src/check/quick/body.js';
import { cover } from '../../src/check/quick/cover.js';
import { stable } from '../../src/check/quick/stable.js';
import { subject } from '../../src/check/quick/subject.js';
import { tags } from '../../src/check/quick/tags.js';
import { readPatch } from '../../src/patch.js';
import { makeCheckedSeries } from '../helpers/checked-series.js';

const all: readonly Checker[] = [subject, body, tags, stable, cover];
const word = 'x'.repeat(70);

const good = `mm: add a file

This is why, in lines that are not wider than what is allowed for them.

  quoted output may be wide: ${word}
https://example.org/${word}

Link: https://example.org/ ${word}
Suggested-by: Zoe <zoe@example.org>
`;

test('nothing is found in a series that is right', async (t) => {
	const checked = await makeCheckedSeries(t, {}, [
		{ message: good, files: { 'mm/a.c': 'int a;\n' } },
		{ message: 'mm: slab, memcg: add another [one]\n\nWhy.\n', files: { 'mm/b.c': 'int b;\n' } },
	]);
	for (const checker of all) {
		t.deepEqual(await checker.check(checked), [], checker.name);
	}
});

const wrong: [name: string, message: string, rules: string[]][] = [
	['a subject that is too long', `mm: ${word}\n\nWhy.\n`, ['subject/length']],
	['a subject without a subsystem', 'Add a file\n\nWhy.\n', ['subject/form']],
	['a subject with a full stop', 'mm: add a file.\n\nWhy.\n', ['subject/full-stop']],
	['a subject in the past', 'mm: added a file\n\nWhy.\n', ['subject/imperative']],
	['a subject that tells', 'mm: adds a file\n\nWhy.\n', ['subject/imperative']],
	['no text', 'mm: add a file\n', ['body/empty']],
	['only tags', 'mm: add a file\n\nCc: Zoe <zoe@example.org>\n', ['body/empty']],
	['a text that is too wide', `mm: add a file\n\n${word} x ${word}\n`, ['body/width']],
	['a sign-off', 'mm: add a file\n\nWhy.\n\nSigned-off-by: A <a@b.org>\n', ['tags/signed-off']],
	['a tool that helped', 'mm: add a file\n\nWhy.\n\nAssisted-by: x\n', ['tags/assisted']],
	['a reviewer', 'mm: add a file\n\nWhy.\n\nReviewed-by: A <a@b.org>\n', ['tags/person']],
	['a helper', 'mm: add a file\n\nWhy.\n\nHelped-by: A <a@b.org>\n', ['tags/person']],
];

for (const [name, message, rules] of wrong) {
	test(`finds ${name}`, async (t) => {
		const checked = await makeCheckedSeries(t, {}, [{ message, files: { 'mm/a.c': 'int a;\n' } }]);
		const findings: Finding[] = [];
		for (const checker of all) {
			findings.push(...(await checker.check(checked)));
		}
		t.deepEqual(
			findings.map(({ rule }) => rule),
			rules,
		);
		t.is(findings[0]?.patch, '0001-' + (checked.patches[0]?.name ?? '').slice(5));
	});
}

test('finds two patches with one subject, and more than a list takes at a time', async (t) => {
	const message = 'mm: add a line\n\nWhy.\n';
	const patches = Array.from({ length: 16 }, (_value, index) => ({
		message: index === 7 ? message : message.replace('line', `line ${Math.min(index, 14)}`),
		files: { 'mm/a.c': `int a${index};\n` },
	}));
	const checked = await makeCheckedSeries(t, {}, patches);
	const findings = [...(await subject.check(checked)), ...(await cover.check(checked))];
	t.deepEqual(
		findings.map(({ rule, patch }) => [rule, patch?.slice(0, 4)]),
		[
			['subject/unique', '0016'],
			['cover/count', undefined],
		],
	);
});

test('finds what depends on the day or the machine, and what export would write otherwise', async (t) => {
	const checked = await makeCheckedSeries(t, {}, [
		{ message: 'mm: add a file\n\nWhy.\n', files: { 'mm/a.c': 'int a;\n' } },
	]);
	const [patch] = checked.patches;
	const text = (patch?.text ?? '')
		.replace(/^From 0{40}/, `From ${'ab'.repeat(20)}`)
		.replace(/^(index 0{7})0{33}/m, '$1')
		.replace(/$/, '-- \n2.39.5\n\n');
	await writeFile(patch?.file ?? '', text);
	const patches = [await readPatch(patch?.file ?? '')];
	const findings = await stable.check({ ...checked, patches });
	t.deepEqual(
		findings.map(({ rule }) => rule),
		['stable/hash', 'stable/index', 'stable/signature', 'stable/differs'],
	);
});

test('finds a prefix or a number that is not that of the series', async (t) => {
	const checked = await makeCheckedSeries(t, {}, [
		{ message: 'mm: add a file\n\nWhy.\n', files: { 'mm/a.c': 'int a;\n' } },
	]);
	const series = { ...checked.series, prefix: 'PATCH net-next' };
	const findings = await subject.check({ ...checked, series });
	t.deepEqual(
		findings.map(({ rule }) => rule),
		['subject/prefix', 'subject/prefix'],
	);
	t.regex(
		findings[1]?.message ?? '',
		/^expected "\[PATCH net-next 1\/1\] …", got "\[PATCH 1\/1\] mm/,
	);
});

test('finds a cover letter with a placeholder, an old summary, or none', async (t) => {
	const patches = ['a', 'b'].map((name) => ({
		message: `mm: add ${name}\n\nWhy.\n`,
		files: { [`mm/${name}.c`]: 'int x;\n' },
	}));
	const checked = await makeCheckedSeries(t, {}, patches);
	const rules = async (text: string | undefined): Promise<string[]> => {
		const letter = checked.cover && text !== undefined ? { ...checked.cover, text } : undefined;
		return (await cover.check({ ...checked, cover: letter })).map(({ rule }) => rule);
	};
	const text = checked.cover?.text ?? '';
	t.deepEqual(await rules(text), []);
	t.deepEqual(await rules(text.replace('The case', '*** BLURB HERE ***')), ['cover/placeholder']);
	t.deepEqual(await rules(text.replace(' mm/b.c | 1 +\n', '')), ['cover/summary']);
	t.deepEqual(await rules(undefined), ['cover/missing']);
});
