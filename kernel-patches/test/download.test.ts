// SPDX-License-Identifier: GPL-2.0-only
import test, { type ExecutionContext } from 'ava';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { readdir, readFile } from 'node:fs/promises';
import { createServer, type RequestListener } from 'node:http';
import path from 'node:path';
import { downloadFile, type DownloadFailure } from '../src/download.js';
import { createRecorder } from './helpers/recorder.js';
import { makeTemporaryFolder } from './helpers/temporary.js';

const content = Buffer.from('a kernel, say\n'.repeat(1000));
const sha256 = createHash('sha256').update(content).digest('hex');

/** A server on this machine alone; returns its address. */
async function serve(t: ExecutionContext, listener: RequestListener): Promise<string> {
	const server = createServer(listener);
	server.listen(0, '127.0.0.1');
	await once(server, 'listening');
	t.teardown(() => {
		server.closeAllConnections();
		server.close();
	});
	const address = server.address();
	return typeof address === 'object' && address !== null
		? `http://127.0.0.1:${address.port}`
		: t.fail('the server has no port');
}

async function download(
	folder: string,
	url: string,
	other: { size?: number; sha256?: string; proxy?: string } = {},
): Promise<DownloadFailure | undefined> {
	return await downloadFile({
		url,
		target: path.join(folder, 'file.deb'),
		size: content.byteLength,
		sha256,
		stallTimeout: 1000,
		report: createRecorder(),
		...other,
	});
}

test('saves the right file under its name, and nothing else', async (t) => {
	const folder = await makeTemporaryFolder(t);
	const site = await serve(t, (_request, response) => response.end(content));
	t.is(await download(folder, site), undefined);
	t.deepEqual(await readdir(folder), ['file.deb']);
	t.deepEqual(await readFile(path.join(folder, 'file.deb')), content);
});

const failures: [string, RequestListener, { size?: number; sha256?: string }, RegExp][] = [
	[
		'a wrong hash',
		(_request, response) => response.end(content),
		{ sha256: '0'.repeat(64) },
		/SHA-256 is [0-9a-f]{64}, expected 0{64}/,
	],
	[
		'a size announced wrong',
		(_request, response) => response.end(content),
		{ size: 5 },
		/has 14000 bytes there, expected 5/,
	],
	[
		'more than was expected, unannounced',
		(_request, response) => {
			response.write(content);
			response.end(content);
		},
		{},
		/bytes there, expected 14000/,
	],
	[
		'less than was expected, unannounced',
		(_request, response) => {
			response.write('short');
			response.end();
		},
		{},
		/has 5 bytes there, expected 14000/,
	],
	[
		'a transfer that stalls',
		(_request, response) => {
			response.setHeader('content-length', content.byteLength);
			response.write(content.subarray(0, 100));
		},
		{},
		/stalled: no byte for 1 s/,
	],
	['a server that never answers', () => undefined, {}, /no answer for 1 s/],
	[
		'a connection that is cut',
		(_request, response) => {
			response.setHeader('content-length', content.byteLength);
			response.write(content.subarray(0, 100), () => {
				response.destroy();
			});
		},
		{},
		/the connection was cut/,
	],
	[
		'an error of the server',
		(_request, response) => {
			response.statusCode = 503;
			response.end();
		},
		{},
		/HTTP status 503 Service Unavailable/,
	],
];

for (const [name, listener, expected, reason] of failures) {
	test(`names ${name}, and leaves nothing behind`, async (t) => {
		const folder = await makeTemporaryFolder(t);
		const failure = await download(folder, await serve(t, listener), expected);
		t.regex(failure?.reason ?? '', reason);
		t.false(failure?.gone);
		t.deepEqual(await readdir(folder), []);
	});
}

test('tells a file that is gone from a site that fails', async (t) => {
	const folder = await makeTemporaryFolder(t);
	const site = await serve(t, (_request, response) => {
		response.statusCode = 404;
		response.end('no such file');
	});
	t.deepEqual(await download(folder, site), { gone: true, reason: 'HTTP status 404 Not Found' });
	t.deepEqual(await readdir(folder), []);
});

test('names a site that refuses the connection', async (t) => {
	const folder = await makeTemporaryFolder(t);
	const server = createServer();
	server.listen(0, '127.0.0.1');
	await once(server, 'listening');
	const address = server.address();
	server.close();
	await once(server, 'close');
	const port = typeof address === 'object' && address !== null ? address.port : 0;
	const failure = await download(folder, `http://127.0.0.1:${port}/`);
	t.deepEqual(failure, { gone: false, reason: 'connection refused' });
});

test('asks a proxy for plain HTTP without a tunnel', async (t) => {
	const folder = await makeTemporaryFolder(t);
	const asked: (string | undefined)[] = [];
	const proxy = await serve(t, (request, response) => {
		asked.push(request.url);
		response.end(content);
	});
	t.is(await download(folder, 'http://mirror.invalid/debian/file.deb', { proxy }), undefined);
	t.deepEqual(asked, ['http://mirror.invalid/debian/file.deb']);
	t.deepEqual(await readdir(folder), ['file.deb']);
});
