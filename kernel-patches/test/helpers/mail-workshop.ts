// SPDX-License-Identifier: GPL-2.0-only
import type { ExecutionContext } from 'ava';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { baseTag } from '../../src/base.js';
import { git } from '../../src/git.js';
import { applySeries } from '../../src/series-apply.js';
import { exportSeries } from '../../src/series-export.js';
import { findSeries, type Series } from '../../src/series.js';
import type { KernelSource } from '../../src/source.js';
import { createRecorder } from './recorder.js';
import { storeEmptySeries } from './stored-series.js';
import { makeTemporaryFolder, useTemporaryCache } from './temporary.js';
import { commitAll, makeTinyLinux, writeIn } from './tiny-linux.js';

const sha256 = 'ab'.repeat(32);

const baseJson = JSON.stringify({
	version: '7.3.4',
	minor: '7.3',
	package: 'linux-source-7.3',
	packageVersion: '7.3.4-1',
	suite: 'testing',
	pool: 'pool/main/l/linux/linux-source-7.3_7.3.4-1_all.deb',
	size: 1,
	sha256,
	tarball: 'usr/src/linux-source-7.3.tar.xz',
});

const cover =
	'From: Ada <ada@example.org>\nDate: Tue, 14 Nov 2023 23:13:20 +0100\nSubject: x\n\nThe case.\n';

/** The file that the last patch of `b` adds: long enough for a change of it to be told from another. */
export const libraryText = Array.from({ length: 20 }, (_value, index) => `int b${index};\n`).join(
	'',
);

/** Prints what get_maintainer.pl would, and fails for what is no patch. */
const maintainers = `#!/usr/bin/perl
open(my $patch, '<', $ARGV[-1]) or die;
my $text = join('', <$patch>);
die "no idea" if $text =~ /nobody/;
print "Zoë Zeta <zoe\\@mm.org> (maintainer:MM)\\n" if $text =~ m{^\\+\\+\\+ b/mm/}m;
print "ada\\@mm.org (reviewer:MM)\\nlist\\@mm.org (open list:MM)\\n";
`;

/** A stored series `a`, and `b` on top of it, in a repository; the base is in the cache. */
export interface MailWorkshop {
	source: KernelSource;
	/** The folder that holds the series' folders. */
	root: string;
	series: (name: string) => Promise<Series>;
	/** Changes the last patch of a series to give its file that text, exports and commits it. */
	change: (name: string, text: string, files?: Record<string, string>) => Promise<void>;
}

/** Makes the pinned base in the cache, as fetching does. */
async function makePinned(t: ExecutionContext, cache: string): Promise<KernelSource> {
	const tree = await makeTinyLinux(t);
	await writeIn(tree, 'scripts/get_maintainer.pl', maintainers);
	await commitAll(tree, `Linux 7.3.4\n\n${sha256}\n`);
	const repository = path.join(cache, 'linux', '7.3.4.git');
	await mkdir(path.dirname(repository), { recursive: true });
	await git(tree, ['clone', '--quiet', '--bare', tree, repository]);
	await git(repository, ['tag', baseTag('7.3.4'), 'HEAD']);
	const commit = (await git(repository, ['rev-parse', 'HEAD'])).trim();
	return { repository, commit, version: '7.3.4', suffix: '' };
}

async function storeEmpty(root: string, name: string, more: Record<string, string>): Promise<void> {
	const description = {
		title: `mm: series ${name}`,
		prefix: 'PATCH net-next',
		lists: ['netdev@example.org', 'list@mm.org'],
		...more,
	};
	await storeEmptySeries(path.join(root, name), description, cover);
}

/** Opens a workshop with two series of one and two patches. */
export async function openMailWorkshop(t: ExecutionContext): Promise<MailWorkshop> {
	const cache = await useTemporaryCache(t);
	const source = await makePinned(t, cache);
	const top = await makeTemporaryFolder(t);
	const root = path.join(top, 'patches');
	await mkdir(root);
	await git(top, ['init', '--quiet', '--initial-branch=main']);
	await writeFile(path.join(root, 'base.json'), baseJson);
	await storeEmpty(root, 'a', {});
	await storeEmpty(root, 'b', { after: 'a' });
	const report = createRecorder();
	const series = (name: string): Promise<Series> => findSeries(name, root);
	const edit = async (name: string, commits: (tree: string) => Promise<void>): Promise<void> => {
		const tree = await applySeries(source, await series(name), { report });
		await commits(tree);
		await exportSeries(source, await series(name), { report });
	};
	await edit('a', async (tree) => {
		await writeIn(tree, 'mm/a.c', 'int a;\n');
		await commitAll(tree, 'mm: add a\n\nWhy.\n');
	});
	await edit('b', async (tree) => {
		await writeIn(tree, 'mm/b.c', 'int b;\n');
		await commitAll(tree, 'mm: add b\n\nWhy.\n\nCc: Bob <bob@example.org>\n');
		await writeIn(tree, 'lib/b.c', libraryText);
		await commitAll(tree, 'lib: add b\n\nWhy.\n');
	});
	await commitAll(top, 'store');
	return {
		source,
		root,
		series,
		change: async (name, text, files = {}) => {
			await edit(name, async (tree) => {
				await writeIn(tree, name === 'a' ? 'mm/a.c' : 'lib/b.c', text);
				await git(tree, ['commit', '--quiet', '--all', '--amend', '--no-edit']);
			});
			for (const [file, content] of Object.entries(files)) {
				await writeIn(path.join(root, name), file, content);
			}
			await commitAll(top, 'change');
		},
	};
}
