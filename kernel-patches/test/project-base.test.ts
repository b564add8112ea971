// SPDX-License-Identifier: GPL-2.0-only
import test from 'ava';
import { rm } from 'node:fs/promises';
import { git } from '../src/git.js';
import { ensureProjectBase } from '../src/project-base.js';
import { findSeries } from '../src/series.js';
import { UserError } from '../src/user-error.js';
import { createRecorder } from './helpers/recorder.js';
import { useTemporaryCache } from './helpers/temporary.js';

test.serial('manual pages go on top of nothing, which is the same everywhere', async (t) => {
	const cache = await useTemporaryCache(t);
	const series = await findSeries('man-pages');
	const report = createRecorder();
	const first = await ensureProjectBase(series, { report });
	t.is(await git(first.repository, ['ls-tree', '-r', first.commit]), '');
	t.deepEqual(await ensureProjectBase(series, { report }), first);
	await rm(cache, { recursive: true });
	t.is((await ensureProjectBase(series, { report })).commit, first.commit);
});

test.serial('a tree of Linux is no place for manual pages', async (t) => {
	await useTemporaryCache(t);
	const options = { tree: '/x', report: createRecorder() };
	await t.throwsAsync(ensureProjectBase(await findSeries('man-pages'), options), {
		instanceOf: UserError,
		message: /man-pages is for man-pages, and only adds files/,
	});
});
