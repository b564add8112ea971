// SPDX-License-Identifier: GPL-2.0-only
import test, { type ExecutionContext } from 'ava';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { ensureAppliedCommit } from '../src/applied-commit.js';
import { git, reproducibleGitEnvironment } from '../src/git.js';
import { applySeries } from '../src/series-apply.js';
import { exportSeries } from '../src/series-export.js';
import { readSeries, type Series } from '../src/series.js';
import type { KernelSource } from '../src/source.js';
import { UserError } from '../src/user-error.js';
import { createRecorder } from './helpers/recorder.js';
import { makeTemporaryFolder, useTemporaryCache } from './helpers/temporary.js';
import { commitAll, makeSource, writeIn } from './helpers/tiny-linux.js';

interface Workshop {
	source: KernelSource;
	/** The series' folder. */
	folder: string;
	/** The series as it is stored now. */
	series: () => Promise<Series>;
	/** All stored files but series.json: text by name. */
	stored: () => Promise<Record<string, string>>;
}

const cover = `From 0000000000000000000000000000000000000000 Mon Sep 17 00:00:00 2001
From: Ada Author <ada@example.org>
Date: Tue, 14 Nov 2023 23:13:20 +0100
Subject: [PATCH 0/0] to be replaced

The author's own words.
`;

/** A base and an empty series with a cover letter. */
async function openWorkshop(t: ExecutionContext): Promise<Workshop> {
	await useTemporaryCache(t);
	const source = await makeSource(t);
	const folder = path.join(await makeTemporaryFolder(t), 'tiny');
	await mkdir(folder);
	const description = {
		title: 'a tiny series',
		project: 'linux',
		prefix: 'PATCH net-next v2',
		lists: [],
		options: [],
		selftests: [],
		kunit: [],
		functions: [],
	};
	await writeFile(path.join(folder, 'series.json'), JSON.stringify(description));
	await writeFile(path.join(folder, '0000-cover-letter.patch'), cover);
	return {
		source,
		folder,
		series: () => readSeries(folder),
		stored: async () => {
			const names = (await readdir(folder)).filter((name) => name !== 'series.json').toSorted();
			const entries = names.map(async (name): Promise<[string, string]> => {
				return [name, await readFile(path.join(folder, name), 'utf8')];
			});
			return Object.fromEntries(await Promise.all(entries));
		},
	};
}

/** Two commits, the second with a new file, a name beyond ASCII and a tab in its message. */
async function addTwoCommits(tree: string): Promise<void> {
	const memory = await readFile(path.join(tree, 'mm/memory.c'), 'utf8');
	await writeIn(tree, 'mm/memory.c', memory.replace('line 20\n', 'line twenty\n'));
	await commitAll(tree, 'mm: [tiny] spell a number\n\nBecause.\n\nCc: Zoë <zoe@example.org>\n');
	await writeIn(tree, 'mm/copy.c', 'int copy;\n');
	await commitAll(tree, 'mm: add copy.c, for Zoë\n\n\tIndented,  twice  spaced.\n', [
		'--author=Zoë Zeta <zoe@example.org>',
	]);
}

/** A workshop with two patches exported. */
async function exportTwo(t: ExecutionContext): Promise<Workshop & { tree: string }> {
	const workshop = await openWorkshop(t);
	const report = createRecorder();
	const tree = await applySeries(workshop.source, await workshop.series(), { report });
	await addTwoCommits(tree);
	await exportSeries(workshop.source, await workshop.series(), { report });
	return { ...workshop, tree };
}

test.serial('a new series: apply makes an empty branch, export writes its commits', async (t) => {
	const { stored, source, tree } = await exportTwo(t);
	const files = await stored();
	t.deepEqual(Object.keys(files), [
		'0000-cover-letter.patch',
		'0001-mm-tiny-spell-a-number.patch',
		'0002-mm-add-copy.c-for-Zo.patch',
	]);
	const first = files['0001-mm-tiny-spell-a-number.patch'] ?? '';
	t.regex(first, /^From 0{40} Mon Sep 17 00:00:00 2001\n/);
	t.regex(first, /^Subject: \[PATCH net-next v2 1\/2\] mm: \[tiny\] spell a number$/m);
	t.regex(first, /^Date: Tue, 14 Nov 2023 23:13:20 \+0100$/m);
	t.regex(first, /^index [0-9a-f]{40}\.\.[0-9a-f]{40} 100644$/m);
	t.false(/^-- $/m.test(first), 'no signature with a version of git');
	const letter = files['0000-cover-letter.patch'] ?? '';
	t.regex(letter, /^Subject: \[PATCH net-next v2 0\/2\] a tiny series$/m);
	t.regex(
		letter,
		/The author's own words\.\n\nAda Author \(1\):\n {2}mm: \[tiny\] spell a number\n/,
	);
	t.regex(letter, / mm\/copy\.c {3}\| 1 \+\n/);
	t.regex(letter, / create mode 100644 mm\/copy\.c\n$/);
	t.is((await git(tree, ['rev-parse', '--abbrev-ref', 'HEAD'])).trim(), 'tiny');
	t.is(
		(await git(source.repository, ['rev-list', '--count', `${source.commit}..tiny`])).trim(),
		'2',
	);
});

test.serial('apply and export change no byte, whatever the user has configured', async (t) => {
	const { source, series, stored, tree } = await exportTwo(t);
	const before = await stored();
	const commits = await git(tree, ['rev-parse', 'HEAD']);
	// Settings that would show, if they were heard.
	for (const [name, value] of [
		['diff.noprefix', 'true'],
		['diff.context', '9'],
		['diff.algorithm', 'patience'],
		['format.signature', 'me'],
		['format.signOff', 'true'],
		['format.subjectPrefix', 'X'],
		['format.coverLetter', 'true'],
		['format.attach', 'true'],
		['diff.mnemonicPrefix', 'true'],
		['am.keepcr', 'true'],
		['mailinfo.scissors', 'true'],
	] as const) {
		await git(source.repository, ['config', name, value]);
	}
	await rm(tree, { recursive: true });
	const report = createRecorder();
	t.is(await applySeries(source, await series(), { report }), tree);
	t.is(await git(tree, ['rev-parse', 'HEAD']), commits);
	t.deepEqual(await exportSeries(source, await series(), { report }), []);
	t.deepEqual(await stored(), before);
	t.deepEqual(
		report.said.filter((line) => line.startsWith('not as export writes it')),
		[],
	);
});

test.serial('an amended commit changes its patch, renames it, and touches no other', async (t) => {
	const { source, series, stored, tree } = await exportTwo(t);
	const before = await stored();
	await writeIn(tree, 'mm/copy.c', 'long copy;\n');
	await commitAll(tree, 'mm: copy more\n', ['--amend']);
	const report = createRecorder();
	const done = await exportSeries(source, await series(), { report });
	t.deepEqual(
		done.map((line) => line.replace(/ .*\//, ' ')),
		[
			'wrote 0000-cover-letter.patch',
			'wrote 0002-mm-copy-more.patch',
			'removed 0002-mm-add-copy.c-for-Zo.patch',
		],
	);
	const after = await stored();
	t.is(after['0001-mm-tiny-spell-a-number.patch'], before['0001-mm-tiny-spell-a-number.patch']);
	t.deepEqual(Object.keys(after), [
		'0000-cover-letter.patch',
		'0001-mm-tiny-spell-a-number.patch',
		'0002-mm-copy-more.patch',
	]);
	await applySeries(source, await series(), { report });
	t.deepEqual(await exportSeries(source, await series(), { report }), []);
	t.deepEqual(await stored(), after);
});

test.serial('apply refuses to throw work away, and --force keeps a way back', async (t) => {
	const { source, series, tree } = await exportTwo(t);
	const report = createRecorder();
	await writeIn(tree, 'mm/copy.c', 'changed\n');
	const dirty = await t.throwsAsync(applySeries(source, await series(), { report }), {
		instanceOf: UserError,
	});
	t.regex(dirty.message, /has uncommitted changes \( M mm\/copy\.c\), which .* would throw away/);
	await commitAll(tree, 'mm: not exported\n');
	const work = (await git(tree, ['rev-parse', 'HEAD'])).trim();
	const unexported = await t.throwsAsync(applySeries(source, await series(), { report }), {
		instanceOf: UserError,
	});
	t.regex(unexported.message, /has commits on tiny that were not exported/);
	t.is((await git(tree, ['rev-parse', 'HEAD'])).trim(), work);
	await applySeries(source, await series(), { force: true, report });
	t.is(await readFile(path.join(tree, 'mm/copy.c'), 'utf8'), 'int copy;\n');
	const backup = `refs/fastipc/backup/tiny/${work.slice(0, 12)}`;
	t.is((await git(source.repository, ['rev-parse', backup])).trim(), work);
});

test.serial('export refuses what it could not write: changes, and a Signed-off-by', async (t) => {
	const { source, series, stored, tree } = await exportTwo(t);
	const before = await stored();
	const report = createRecorder();
	await writeIn(tree, 'mm/copy.c', 'changed\n');
	await t.throwsAsync(exportSeries(source, await series(), { report }), {
		instanceOf: UserError,
		message: /has changes that are not committed, .*\n {5}M mm\/copy\.c\n/,
	});
	await commitAll(tree, 'mm: signed\n\nSigned-off-by: Ada Author <ada@example.org>\n');
	await t.throwsAsync(exportSeries(source, await series(), { report }), {
		instanceOf: UserError,
		message: /carry a Signed-off-by:\n {4}[0-9a-f]+ mm: signed\n.*only the person who mails/,
	});
	t.deepEqual(await stored(), before);
});

test.serial(
	'a patch that does not apply: which, which files, why, and where things stand',
	async (t) => {
		const { source, series, folder, tree } = await exportTwo(t);
		const file = path.join(folder, '0001-mm-tiny-spell-a-number.patch');
		const text = await readFile(file, 'utf8');
		await writeFile(file, text.replace(/^-line 20$/m, '-line 2').replace(/^index .*\n/m, ''));
		const error = await t.throwsAsync(
			applySeries(source, await series(), { report: createRecorder() }),
			{
				instanceOf: UserError,
			},
		);
		t.regex(
			error.message,
			/^tiny: patch 1 of 2, 0001-mm-tiny-spell-a-number\.patch, does not apply/,
		);
		t.regex(error.message, /Files concerned:\n {4}mm\/memory\.c\n/);
		t.regex(error.message, /git's reason:\n(.*\n)* {4}error: /);
		t.true(error.message.includes(`${tree} is in the middle of git am`));
		// The next apply must not run over it, unless told to.
		await t.throwsAsync(applySeries(source, await series(), { report: createRecorder() }), {
			message: /an unfinished git am/,
		});
		await writeFile(file, text);
		await applySeries(source, await series(), { force: true, report: createRecorder() });
		t.is(await readFile(path.join(tree, 'mm/copy.c'), 'utf8'), 'int copy;\n');
	},
);

test.serial('a conflict is named by its file, and can be resolved in the tree', async (t) => {
	const { source, series, tree } = await exportTwo(t);
	const report = createRecorder();
	// Another base, in which the same line was changed.
	const memory = (await git(source.repository, ['show', `${source.commit}:mm/memory.c`])).replace(
		'line 20\n',
		'line XX\n',
	);
	await git(tree, ['checkout', '--quiet', '--detach', source.commit]);
	await writeIn(tree, 'mm/memory.c', memory);
	await commitAll(tree, 'Linux 7.3.5\n');
	const moved = { ...source, commit: (await git(tree, ['rev-parse', 'HEAD'])).trim() };
	await git(tree, ['switch', '--quiet', 'tiny']);
	const error = await t.throwsAsync(applySeries(moved, await series(), { report }), {
		instanceOf: UserError,
	});
	t.regex(error.message, /Files in conflict:\n {4}mm\/memory\.c\n/);
	t.regex(await readFile(path.join(tree, 'mm/memory.c'), 'utf8'), /<<<<<<< /);
	await writeIn(tree, 'mm/memory.c', memory.replace('line XX', 'line twenty'));
	await git(tree, ['add', 'mm/memory.c']);
	await git(tree, ['am', '--continue'], { env: reproducibleGitEnvironment() });
	const done = await exportSeries(moved, await series(), { report });
	t.true(done.some((line) => line.endsWith('0001-mm-tiny-spell-a-number.patch')));
});

test.serial('a stored patch that export would change is named', async (t) => {
	const { source, series, folder } = await exportTwo(t);
	const file = path.join(folder, '0001-mm-tiny-spell-a-number.patch');
	const text = await readFile(file, 'utf8');
	await writeFile(file, text.replace('\n---\n', '\n---\nv2: a note that git am drops\n\n'));
	const report = createRecorder();
	await applySeries(source, await series(), { report });
	t.deepEqual(
		report.said.filter((line) => line.startsWith('not as export writes it')),
		[`not as export writes it, so that the next export will change it:\n    ${file}`],
	);
});

test.serial(
	'the kernel gets the same commit as the developer, without touching the tree',
	async (t) => {
		const { source, series, folder, tree } = await exportTwo(t);
		const report = createRecorder();
		const expected = (await git(tree, ['rev-parse', 'HEAD'])).trim();
		await applySeries(source, await series(), { report });
		t.is(await ensureAppliedCommit(source, [await series()], report), expected.trim());
		t.is(await ensureAppliedCommit(source, [], report), source.commit);
		t.is((await git(source.repository, ['worktree', 'list'])).trim().split('\n').length, 2);
		const file = path.join(folder, '0002-mm-add-copy.c-for-Zo.patch');
		await writeFile(file, 'From nobody\n\nno patch here\n');
		const error = await t.throwsAsync(ensureAppliedCommit(source, [await series()], report), {
			instanceOf: UserError,
		});
		t.regex(error.message, /patch 2 of 2, 0002-mm-add-copy\.c-for-Zo\.patch, does not apply/);
		t.regex(error.message, /npm run series -- apply tiny/);
		t.is((await readdir(path.dirname(source.repository))).length, 1, 'nothing is left behind');
	},
);
