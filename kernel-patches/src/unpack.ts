// SPDX-License-Identifier: GPL-2.0-only
import { execa } from 'execa';
import { mkdir, readdir, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { baseTag, type Base } from './base.js';
import { completeOrAbsent, requireSpace, withTemporary } from './files.js';
import { git, reproducibleGitEnvironment } from './git.js';
import { reportStage, type Progress, type Reporter } from './reporter.js';
import { commandError } from './run.js';
import { UserError } from './user-error.js';

/** Unpacked sources and repository together, in bytes: 1.8 GB and 0.5 GB were seen. */
const spaceNeeded = 3e9;

/** The base's commit is the same on every machine: fixed name, fixed date. */
const commitIdentity = {
	GIT_AUTHOR_NAME: 'fastipc',
	GIT_AUTHOR_EMAIL: 'fastipc@localhost',
	GIT_AUTHOR_DATE: '946684800 +0000',
	GIT_COMMITTER_DATE: '946684800 +0000',
};

function countBytes(progress: Progress): Transform {
	let bytes = 0;
	return new Transform({
		transform(chunk: Buffer, _encoding, callback) {
			bytes += chunk.byteLength;
			progress.update(bytes / 1e6);
			callback(null, chunk);
		},
	});
}

/** dpkg-deb | tar | tar, so that neither root nor a second copy of the tarball is needed. */
async function unpackTarball(
	deb: string,
	base: Base,
	folder: string,
	report: Reporter,
): Promise<void> {
	const commands: [string, string[]][] = [
		['dpkg-deb', ['--fsys-tarfile', deb]],
		['tar', ['--extract', '--to-stdout', `./${base.tarball}`]],
		[
			'tar',
			['--extract', '--xz', '--strip-components=1', '--no-same-owner', '--directory', folder],
		],
	];
	const total = (await stat(deb)).size / 1e6;
	report.say(`running ${commands.map(([name, args]) => [name, ...args].join(' ')).join(' | ')}`);
	// From here to the pipelines nothing may wait: execa discards what nobody reads by the next turn.
	const [outer, middle, inner] = commands.map(([name, args]) => {
		const buffer = { stdout: false, stderr: true };
		return execa(name, args, { reject: false, encoding: 'buffer', buffer, stdin: 'pipe' });
	});
	if (outer === undefined || middle === undefined || inner === undefined) {
		return;
	}
	outer.stdin.end();
	const progress = report.progress({ label: 'unpacking', unit: 'MB', total, about: true });
	const piped = await Promise.allSettled([
		pipeline(outer.stdout, middle.stdin),
		pipeline(middle.stdout, countBytes(progress), inner.stdin),
	]);
	const results = await Promise.all([outer, middle, inner]);
	progress.stop();
	const failed = results.findLastIndex((result) => result.failed);
	const [name, args] = commands[failed] ?? [];
	if (name !== undefined && args !== undefined) {
		const said = results.map((result) => Buffer.from(result.stderr).toString()).join('');
		throw commandError(name, args, results[failed]?.exitCode, said);
	}
	const broken = piped.find((end) => end.status === 'rejected');
	if (broken !== undefined) {
		throw new UserError(
			`unpacking ${deb} failed: ${String(broken.reason)}\nRemove the file and run the command again.`,
		);
	}
}

async function countFiles(folder: string): Promise<number> {
	const entries = await readdir(folder, { recursive: true, withFileTypes: true });
	return entries.filter((entry) => !entry.isDirectory()).length;
}

async function commitSources(
	sources: string,
	repository: string,
	base: Base,
	report: Reporter,
): Promise<void> {
	await git(path.dirname(repository), ['init', '--quiet', '--bare', repository]);
	// No garbage collection behind our back: work trees of several runs share this repository.
	await git(repository, ['config', 'gc.auto', '0']);
	const location = [`--git-dir=${repository}`, `--work-tree=${sources}`];
	const total = await countFiles(sources);
	const progress = report.progress({ label: 'adding to git', unit: 'files', total });
	let added = 0;
	// Files above the threshold go straight into one pack; 90,000 loose ones would be slower to
	// write and to read.
	const packed = ['-c', 'core.bigFileThreshold=1', '-c', 'core.compression=1'];
	try {
		await git(sources, [...location, ...packed, 'add', '--force', '--verbose', '.'], {
			onLine: () => {
				added += 1;
				progress.update(added);
			},
		});
	} finally {
		progress.stop();
	}
	const message = `Linux ${base.version}\n\nFrom ${base.pool}\nSHA-256 ${base.sha256}\n`;
	await git(sources, [...location, 'commit', '--quiet', '--no-verify', '--file=-'], {
		env: { ...reproducibleGitEnvironment(), ...commitIdentity },
		input: message,
	});
	await git(repository, ['tag', baseTag(base.version)]);
	// A bare repository has no use for it.
	await rm(path.join(repository, 'index'));
}

/**
 * Makes the bare git repository of a base out of its .deb: one commit, tagged. The repository is
 * complete or absent; the unpacked files are removed again.
 * @param deb a file already checked by its hash
 * @param repository where it goes; the caller holds the lock on it
 * @throws UserError if the disk is or gets full, or the .deb doesn't hold what base.json says
 */
export async function unpackBase(
	deb: string,
	base: Base,
	repository: string,
	report: Reporter,
): Promise<void> {
	await mkdir(path.dirname(repository), { recursive: true });
	await requireSpace(path.dirname(repository), spaceNeeded, `unpacking Linux ${base.version}`);
	const sources = `${repository}.sources`;
	await completeOrAbsent(repository, async (part) => {
		await withTemporary(sources, async () => {
			await mkdir(sources);
			await reportStage(
				report,
				() => `unpacked ${deb}`,
				async () => {
					await unpackTarball(deb, base, sources, report);
				},
			);
			await reportStage(
				report,
				() => `made the git repository ${repository}, tag ${baseTag(base.version)}`,
				async () => {
					await commitSources(sources, part, base, report);
				},
			);
		});
	});
}
