// SPDX-License-Identifier: GPL-2.0-only
import test from 'ava';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import path from 'node:path';
import { readBase } from '../src/base.js';
import { fetchPinned } from '../src/fetch.js';
import { UserError } from '../src/user-error.js';
import { createRecorder } from './helpers/recorder.js';
import { useTemporaryCache } from './helpers/temporary.js';

const content = Buffer.from('not really a package');
const base = {
	...(await readBase()),
	size: content.byteLength,
	sha256: createHash('sha256').update(content).digest('hex'),
};

/** Archives: `/good` has the file, `/wrong` another one, `/gone` none, `/broken` fails. */
const server = createServer((request, response) => {
	const archive = request.url?.split('/')[1];
	response.statusCode = archive === 'gone' ? 404 : archive === 'broken' ? 500 : 200;
	response.end(archive === 'good' ? content : 'not really a packagE');
});
server.listen(0, '127.0.0.1');
await once(server, 'listening');
const address = server.address();
const site = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;

// A proxy of this machine's has no way to this server.
process.env['no_proxy'] = '127.0.0.1';

test.after.always(() => {
	server.closeAllConnections();
	server.close();
});

test.serial('goes on to the next site after a wrong file', async (t) => {
	const cache = await useTemporaryCache(t);
	const report = createRecorder();
	const file = await fetchPinned(base, report, [`${site}/wrong`, `${site}/good`]);
	t.is(file, path.join(cache, 'downloads', path.basename(base.pool)));
	t.deepEqual(await readFile(file!), content);
	t.true(report.said.some((line) => line.includes('/wrong/') && line.includes('SHA-256')));
});

test.serial('downloads nothing a second time, but replaces a damaged file', async (t) => {
	const cache = await useTemporaryCache(t);
	const file = path.join(cache, 'downloads', path.basename(base.pool));
	await mkdir(path.dirname(file), { recursive: true });
	await writeFile(file, content);
	t.is(await fetchPinned(base, createRecorder(), []), file);
	await writeFile(file, 'not really a packagE');
	const report = createRecorder();
	await fetchPinned(base, report, [`${site}/good`]);
	t.regex(report.said[0] ?? '', /wrong size or SHA-256: removing/);
	t.deepEqual(await readFile(file), content);
});

test.serial('says gone only if every site says so', async (t) => {
	await useTemporaryCache(t);
	const report = createRecorder();
	t.is(await fetchPinned(base, report, [`${site}/gone`, `${site}/gone`]), undefined);
	const error = await t.throwsAsync(fetchPinned(base, report, [`${site}/gone`, `${site}/broken`]), {
		instanceOf: UserError,
	});
	t.regex(error.message, /could not be downloaded/);
	t.regex(error.message, /\/gone\/.*HTTP status 404/);
	t.regex(error.message, /\/broken\/.*HTTP status 500/);
	t.regex(error.message, /by hand: .*linux-source/);
});
