// SPDX-License-Identifier: GPL-2.0-only
import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';
import { Agent, fetch, ProxyAgent, type Dispatcher, type Response } from 'undici';
import { completeOrAbsent } from './files.js';
import type { Reporter } from './reporter.js';
import { errorCode } from './user-error.js';

/** What to download, and what it has to be. */
export interface DownloadOptions {
	url: string;
	/** Where the file goes; absent until it is complete and checked. */
	target: string;
	/** Bytes. */
	size: number;
	/** Hexadecimal, small letters. */
	sha256: string;
	/** Address of an HTTP proxy. */
	proxy?: string | undefined;
	/** How long to wait for a connection or for the next byte, in milliseconds. */
	stallTimeout: number;
	report: Reporter;
}

/**
 * Why a site did not give the file. `gone`: it answers, and has no such file. Anything else may
 * pass: another site, or later.
 */
export interface DownloadFailure {
	gone: boolean;
	/** In words, with the figures. */
	reason: string;
}

/** A failure that lies with the site, to be told apart from one of this machine. */
class SiteError extends Error {
	readonly gone: boolean;

	constructor(reason: string, gone = false) {
		super(reason);
		this.gone = gone;
	}
}

const connectTimeout = 15_000;

function createDispatcher(options: DownloadOptions): Dispatcher {
	const limits = {
		headersTimeout: options.stallTimeout,
		bodyTimeout: options.stallTimeout,
		connect: { timeout: Math.min(connectTimeout, options.stallTimeout) },
	};
	// Many proxies for packages refuse CONNECT to port 80, so plain HTTP is not tunnelled.
	return options.proxy === undefined
		? new Agent(limits)
		: new ProxyAgent({ ...limits, uri: options.proxy, proxyTunnel: false });
}

/** Words for what undici and the system's resolver call their failures. */
function describeNetworkError(error: unknown, stallTimeout: number): string {
	const code = errorCode(error) ?? '';
	const seconds = stallTimeout / 1000;
	const words: Record<string, string> = {
		UND_ERR_HEADERS_TIMEOUT: `connected, but no answer for ${seconds} s`,
		UND_ERR_BODY_TIMEOUT: `the transfer stalled: no byte for ${seconds} s`,
		UND_ERR_CONNECT_TIMEOUT: 'no answer to the attempt to connect',
		UND_ERR_SOCKET: 'the connection was cut',
		UND_ERR_RES_CONTENT_LENGTH_MISMATCH: 'the connection was cut before the end',
		ECONNRESET: 'the connection was cut',
		ECONNREFUSED: 'connection refused',
		ENOTFOUND: 'its name is not known (is the network up?)',
		EAI_AGAIN: 'its name could not be looked up (is the network up?)',
		ENETUNREACH: 'the network is unreachable',
		EHOSTUNREACH: 'the host is unreachable',
	};
	const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
	const message = cause instanceof Error ? cause.message : String(cause);
	return words[code] ?? (code === '' ? message : `${message} (${code})`);
}

/** Runs a network operation; its failures are the site's. */
async function fromSite<Result>(
	stallTimeout: number,
	work: () => Promise<Result>,
): Promise<Result> {
	try {
		return await work();
	} catch (error) {
		throw new SiteError(describeNetworkError(error, stallTimeout));
	}
}

async function request(options: DownloadOptions, dispatcher: Dispatcher): Promise<Response> {
	const response = await fromSite(options.stallTimeout, () =>
		fetch(options.url, { dispatcher, headers: { 'accept-encoding': 'identity' } }),
	);
	if (!response.ok) {
		const gone = response.status === 404 || response.status === 410;
		throw new SiteError(`HTTP status ${response.status} ${response.statusText}`.trim(), gone);
	}
	return response;
}

function checkSize(got: number, expected: number): void {
	if (got !== expected) {
		throw new SiteError(`the file has ${got} bytes there, expected ${expected}`);
	}
}

/** Writes the body to a file; returns its length and hash. */
async function receive(
	response: Response,
	part: string,
	options: DownloadOptions,
): Promise<{ size: number; sha256: string }> {
	const hash = createHash('sha256');
	let size = 0;
	const total = options.size / 1e6;
	const progress = options.report.progress({ label: 'downloading', unit: 'MB', total });
	const file = await open(part, 'w');
	try {
		const body: AsyncIterator<Uint8Array> = (response.body ?? new ReadableStream()).values();
		for (;;) {
			const next = await fromSite(options.stallTimeout, () => body.next());
			if (next.done === true) {
				break;
			}
			const { value } = next;
			size += value.byteLength;
			// More than expected will not become right: stop before it fills the disk.
			checkSize(Math.max(size, options.size), options.size);
			hash.update(value);
			await file.writeFile(value);
			progress.update(size / 1e6);
		}
		await file.sync();
	} finally {
		progress.stop();
		await file.close();
	}
	return { size, sha256: hash.digest('hex') };
}

async function downloadChecked(options: DownloadOptions, dispatcher: Dispatcher): Promise<void> {
	const response = await request(options, dispatcher);
	const announced = response.headers.get('content-length');
	if (announced !== null) {
		checkSize(Number(announced), options.size);
	}
	await completeOrAbsent(options.target, async (part) => {
		const { size, sha256 } = await receive(response, part, options);
		checkSize(size, options.size);
		if (sha256 !== options.sha256) {
			throw new SiteError(`the file's SHA-256 is ${sha256}, expected ${options.sha256}`);
		}
	});
}

/**
 * Downloads one file and checks its size and hash before it gets its name.
 * @returns why the site did not give it, or undefined on success
 * @throws UserError if the disk is full; a system error if the file can't be written
 */
export async function downloadFile(options: DownloadOptions): Promise<DownloadFailure | undefined> {
	const dispatcher = createDispatcher(options);
	try {
		await downloadChecked(options, dispatcher);
		return undefined;
	} catch (error) {
		if (error instanceof SiteError) {
			return { gone: error.gone, reason: error.message };
		}
		throw error;
	} finally {
		await dispatcher.destroy();
	}
}
