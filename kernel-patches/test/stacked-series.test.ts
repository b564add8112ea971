// SPDX-License-Identifier: GPL-2.0-only
import test, { type ExecutionContext } from 'ava';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { ensureAppliedCommit } from '../src/applied-commit.js';
import { git } from '../src/git.js';
import { applySeries } from '../src/series-apply.js';
import { exportSeries } from '../src/series-export.js';
import { writeSeriesFiles } from '../src/series-files.js';
import { findSeries, listSeries, type Series } from '../src/series.js';
import type { KernelSource } from '../src/source.js';
import { stackedSource } from '../src/stacked-source.js';
import { UserError } from '../src/user-error.js';
import { createRecorder } from './helpers/recorder.js';
import { storeEmptySeries } from './helpers/stored-series.js';
import { makeTemporaryFolder, useTemporaryCache } from './helpers/temporary.js';
import { commitAll, makeSource, writeIn } from './helpers/tiny-linux.js';

/** Stores a series without patches. */
async function storeSeries(
	root: string,
	name: string,
	more: Record<string, unknown> = {},
): Promise<void> {
	await storeEmptySeries(path.join(root, name), { title: `the series ${name}`, ...more });
}

interface Workshop {
	source: KernelSource;
	root: string;
	find: (name: string) => Promise<Series>;
	apply: (name: string) => Promise<string>;
	export: (name: string) => Promise<string[]>;
	/** Text by name, of all that is stored of a series but its series.json. */
	stored: (name: string) => Promise<Record<string, string>>;
}

async function openWorkshop(t: ExecutionContext): Promise<Workshop> {
	await useTemporaryCache(t);
	const source = await makeSource(t);
	const root = await makeTemporaryFolder(t);
	const report = createRecorder();
	const find = (name: string): Promise<Series> => findSeries(name, root);
	return {
		source,
		root,
		find,
		apply: async (name) => await applySeries(source, await find(name), { report }),
		export: async (name) => {
			const done = await exportSeries(source, await find(name), { report });
			return done.map((line) => line.replace(/ .*\//, ' '));
		},
		stored: async (name) => {
			const folder = path.join(root, name);
			const names = (await readdir(folder)).filter((file) => file.endsWith('.patch'));
			const texts = names.toSorted().map(async (file): Promise<[string, string]> => {
				return [file, await readFile(path.join(folder, file), 'utf8')];
			});
			return Object.fromEntries(await Promise.all(texts));
		},
	};
}

/** Three series on top of each other, against the order of their names; each changes one file. */
async function exportStack(t: ExecutionContext): Promise<Workshop> {
	const workshop = await openWorkshop(t);
	await storeSeries(workshop.root, 'c');
	await storeSeries(workshop.root, 'b', { after: 'c' });
	await storeSeries(workshop.root, 'a', { after: 'b' });
	let text = '';
	for (const name of ['c', 'b', 'a']) {
		const tree = await workshop.apply(name);
		text += `int ${name};\n`;
		await writeIn(tree, 'mm/stack.c', text);
		await commitAll(tree, `mm: let there be ${name}\n`);
		await workshop.export(name);
	}
	return workshop;
}

test.serial('a series on top of others: its own commits become its patches', async (t) => {
	const { apply, find, source, stored } = await exportStack(t);
	const files = await stored('a');
	t.deepEqual(Object.keys(files), ['0000-cover-letter.patch', '0001-mm-let-there-be-a.patch']);
	const patch = files['0001-mm-let-there-be-a.patch'] ?? '';
	t.regex(patch, /^Subject: \[PATCH 1\/1\] mm: let there be a$/m);
	t.regex(patch, /^ int c;\n int b;\n\+int a;\n/m);
	const letter = files['0000-cover-letter.patch'] ?? '';
	t.regex(letter, /^Ada Author \(1\):\n {2}mm: let there be a\n\n/m);
	t.regex(letter, /^ 1 file changed, 1 insertion\(\+\)$/m);
	const tree = await apply('a');
	const subjects = await git(tree, ['log', '--format=%s', `${source.commit}..a`]);
	t.is(subjects, 'mm: let there be a\nmm: let there be b\nmm: let there be c\n');
	const below = (await git(tree, ['rev-parse', 'a^'])).trim();
	t.is((await stackedSource(source, await find('a'), createRecorder())).commit, below);
});

test.serial('apply and export change no byte of a stack, and warn of nothing', async (t) => {
	const { find, source, stored, export: exportAgain } = await exportStack(t);
	const before = await stored('a');
	const report = createRecorder();
	await applySeries(source, await find('a'), { report });
	t.deepEqual(await exportAgain('a'), []);
	t.deepEqual(await stored('a'), before);
	t.deepEqual(
		report.said.filter((line) => line.startsWith('not as export writes it')),
		[],
	);
});

test.serial('the kernel gets a stack from the bottom, and the developer the same', async (t) => {
	const { apply, root, source } = await exportStack(t);
	await storeSeries(root, 'd');
	const all = await listSeries(root);
	t.deepEqual(
		all.map(({ name }) => name),
		['c', 'b', 'a', 'd'],
	);
	const applied = await ensureAppliedCommit(source, all, createRecorder());
	t.is((await git(await apply('a'), ['rev-parse', 'HEAD'])).trim(), applied);
});

test.serial('commits on top of a stack count as unsaved work only if they are new', async (t) => {
	const { apply } = await exportStack(t);
	const tree = await apply('a');
	await writeIn(tree, 'mm/stack.c', 'int more;\n');
	await commitAll(tree, 'mm: more\n');
	await t.throwsAsync(apply('a'), {
		instanceOf: UserError,
		message: /has commits on a that were not exported/,
	});
});

test.serial('a series below that changed: apply follows, export says how to', async (t) => {
	const workshop = await exportStack(t);
	const { apply, stored } = workshop;
	const before = await stored('a');
	const former = (await git(await apply('a'), ['rev-parse', 'a^'])).trim();
	const lower = await apply('c');
	await writeIn(lower, 'mm/other.c', 'int other;\n');
	await commitAll(lower, 'mm: let there be more\n');
	await workshop.export('c');
	const error = await t.throwsAsync(workshop.export('a'), { instanceOf: UserError });
	const command = / rebase --onto ([0-9a-f]{40}) ([0-9a-f]{40}) a\)/.exec(error.message);
	t.is(command?.[2], former);
	const tree = await apply('a');
	t.is(command?.[1], (await git(tree, ['rev-parse', 'a^'])).trim());
	t.is(await readFile(path.join(tree, 'mm/other.c'), 'utf8'), 'int other;\n');
	t.deepEqual(await workshop.export('a'), []);
	t.deepEqual(await stored('a'), before);
});

test.serial('a patch below that does not apply is named with its series', async (t) => {
	const { apply, root } = await exportStack(t);
	await writeFile(path.join(root, 'c', '0001-mm-let-there-be-c.patch'), 'From nobody\n\nnone\n');
	const error = await t.throwsAsync(apply('a'), { instanceOf: UserError });
	t.regex(error.message, /^c: patch 1 of 1, 0001-mm-let-there-be-c\.patch, does not apply/);
});

test.serial('files that a series below adds are written as the series leaves them', async (t) => {
	const { find, root } = await exportStack(t);
	const target = path.join(root, 'sources');
	await writeSeriesFiles(await find('b'), 'mm', 'stack', target);
	t.is(await readFile(path.join(target, 'stack.c'), 'utf8'), 'int c;\nint b;\n');
});

const broken: [string, Record<string, Record<string, unknown>>, RegExp][] = [
	[
		'one that is not there',
		{ a: { after: 'z' } },
		/a\/series\.json says "after": "z"; there is: a$/,
	],
	['itself', { a: { after: 'a' } }, /on top of themselves: a after a$/],
	[
		'a circle',
		{ a: { after: 'b' }, b: { after: 'a' } },
		/on top of themselves: a after b after a$/,
	],
	[
		"another project's",
		{ a: { after: 'b' }, b: { project: 'man-pages' } },
		/for man-pages and not for linux/,
	],
];

for (const [name, all, message] of broken) {
	test(`refuses a series on top of ${name}`, async (t) => {
		const root = await makeTemporaryFolder(t);
		for (const [series, more] of Object.entries(all)) {
			await storeSeries(root, series, more);
		}
		await t.throwsAsync(listSeries(root), { instanceOf: UserError, message });
	});
}
