// SPDX-License-Identifier: GPL-2.0-only
import test, { type ExecutionContext } from 'ava';
import { execa } from 'execa';
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { git } from '../src/git.js';
import { buildSelftests } from '../src/selftests.js';
import type { KernelSource } from '../src/source.js';
import { UserError } from '../src/user-error.js';
import { createRecorder } from './helpers/recorder.js';
import { useTemporaryCache } from './helpers/temporary.js';
import { commitAll, makeTinyLinux, writeIn } from './helpers/tiny-linux.js';

const topMakefile = `headers:
	@mkdir -p usr/include/linux && cp include/uapi/linux/answer.h usr/include/linux
`;

/** As the selftests have it: targets by their whole path, headers from the tree. */
const selftestMakefile = `OUTPUT := $(shell pwd)
$(OUTPUT)/%: %.c
	$(CC) -isystem ../../../../usr/include -o $@ $<
$(OUTPUT)/question: Makefile
`;

const program = '#include <linux/answer.h>\nint main(void) { return ANSWER; }\n';

/** A source whose tree has a selftest that ends with a status out of the exported headers. */
async function sourceWithSelftest(t: ExecutionContext): Promise<KernelSource> {
	const tree = await makeTinyLinux(t);
	await writeIn(tree, 'Makefile', topMakefile);
	await writeIn(tree, 'include/uapi/linux/answer.h', '#define ANSWER 42\n');
	await writeIn(tree, 'tools/testing/selftests/mm/Makefile', selftestMakefile);
	await writeIn(tree, 'tools/testing/selftests/mm/answer.c', program);
	await writeIn(tree, 'scripts/Makefile', '');
	await writeIn(tree, 'usr/include/Makefile', '');
	await commitAll(tree, 'selftests');
	const commit = (await git(tree, ['rev-parse', 'HEAD'])).trim();
	return { repository: tree, commit, version: '7.3.4', suffix: '' };
}

test.serial('a selftest is compiled against the exported headers, once', async (t) => {
	const cache = await useTemporaryCache(t);
	const source = await sourceWithSelftest(t);
	const report = createRecorder();
	const first = await buildSelftests(source, source.commit, ['mm/answer'], report);
	t.is(first[0]?.name, 'mm/answer');
	const { exitCode } = await execa(first[0]?.program ?? '', { reject: false });
	t.is(exitCode, 42);
	t.deepEqual(await readdir(path.join(cache, 'build')), [], 'the sources are gone');

	report.said.length = 0;
	t.deepEqual(await buildSelftests(source, source.commit, ['mm/answer'], report), first);
	t.deepEqual(report.said, [], 'nothing was done the second time');
});

test.serial('a selftest that the Makefile does not make is refused', async (t) => {
	const cache = await useTemporaryCache(t);
	const source = await sourceWithSelftest(t);
	const build = buildSelftests(source, source.commit, ['mm/question'], createRecorder());
	await t.throwsAsync(build, { instanceOf: UserError, message: /did not make question/ });
	t.deepEqual(await readdir(path.join(cache, 'selftests')), [], 'nothing is left');
});
